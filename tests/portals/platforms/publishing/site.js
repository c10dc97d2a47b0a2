function timKiem() {
  var b = document.getElementById('btnTimKiem');
  window.location = b.getAttribute('data-url') + '?' + b.getAttribute('data-name') + '=' + encodeURIComponent(document.getElementById('txtTimKiem').value);
}
function tkEnter(e) { if ((e.which || e.keyCode) == 13) { timKiem(); return false; } return true; }
(function () {
  var heads = document.getElementsByClassName('tab-td');
  for (var i = 0; i < heads.length; i++) heads[i].onclick = function () {
    var boxes = document.getElementsByClassName('tab-nd');
    for (var j = 0; j < boxes.length; j++) { boxes[j].style.display = boxes[j].id == this.getAttribute('rel') ? 'block' : 'none'; heads[j].className = 'tab-td' + (heads[j] == this ? ' chon' : ''); }
    return false;
  };
  var slides = document.querySelectorAll('.slider li'), at = 0;
  if (slides.length) setInterval(function () { slides[at].style.display = 'none'; at = (at + 1) % slides.length; slides[at].style.display = 'block'; }, 6000);
})();
