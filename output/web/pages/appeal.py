"""What an agency answered to a finding, and what it was answered: both stand in the chain of reviews."""

from __future__ import annotations

import re
from urllib.parse import quote

from msgspec.structs import replace
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from checklists.review import Act, appeal_due
from crawler.archive import sha256
from output.judging import item_for
from output.reviews import LARGEST_FILE, enclosed_file, record, reviews
from output.web.desk import Call
from output.web.pages.claim import claim_page, elements_of, standing_of
from output.web.pages.decide import drafted, named_claim, recorded
from output.web.pages.queue import filter_of_form, go_to

LONGEST_NAME = 120


def file_appeal(call: Call) -> Response:
    """The agency's answer is recorded with what it enclosed; the claim is open anew."""
    claim = named_claim(call)
    text, contact, address = call.text("text"), call.text("contact", 300), call.text("address", 2000)
    if not text:
        return claim_page(call, problem="Kiến nghị cần có nội dung cơ quan trả lời.", status=400)
    content, name = upload(call)
    if len(content) > LARGEST_FILE:
        raise HTTPException(413)
    whole = f"{text}\n\nĐịa chỉ cơ quan nêu: {address}" if address else text
    draft = replace(drafted(call, Act.APPEAL, whole), contact=contact)
    if content:
        draft = replace(draft, file=sha256(content), file_name=name)
    # Whatever was decided meanwhile, what the agency said is kept.
    entry = record(call.workspace.conn, claim, draft, seen=None, enclosed=content or None)
    return go_to(call, claim.campaign, claim.id, filter_of_form(call), done=entry.hash)


def upload(call: Call) -> tuple[bytes, str]:
    """The file enclosed and a name that is safe to show and to save under; nothing where none was."""
    sent = call.form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return b"", ""
    name = re.sub(r"[^\w.() -]", "_", sent.filename.replace("\\", "/").rpartition("/")[2])[-LONGEST_NAME:].strip(". ")
    return sent.file.read(LARGEST_FILE + 1), name or "tep"


def answer_appeal(call: Call) -> Response:
    """The open appeal is answered with what stands now; it takes a decision made since it was filed."""
    claim = named_claim(call)
    entries = reviews(call.workspace.conn, claim=claim.id)
    left = standing_of(call, claim, entries)
    if left.appeal is None:
        raise HTTPException(409, "Không còn kiến nghị nào chờ trả lời.")
    if not (text := call.text("text")):
        return claim_page(call, problem="Trả lời kiến nghị cần có nội dung.", status=400)
    if not any(vote.number > left.appeal.number and vote.elements for vote in left.votes):
        return claim_page(
            call, problem="Hãy quyết định về kết luận (xác nhận hoặc sửa) trước khi trả lời kiến nghị.", status=400
        )
    if left.awaits_second or left.disputed:
        return claim_page(
            call, problem="Quyết định sửa còn chờ người thứ hai; chưa trả lời kiến nghị được.", status=400
        )
    stands = {name: one.outcome for name, one in left.elements.items()}
    return recorded(call, claim, replace(drafted(call, Act.ANSWER, text), target=left.appeal.hash, elements=stands))


def letter(call: Call) -> Response:
    """An appeal and its answer as a page to print for the agency."""
    claim = named_claim(call)
    entries = reviews(call.workspace.conn, claim=claim.id)
    appeal = next(
        (one for one in entries if one.act is Act.APPEAL and one.number == call.request.path_params["number"]), None
    )
    if appeal is None:
        raise HTTPException(404, "Không có kiến nghị này.")
    left = standing_of(call, claim, entries)
    line = next((one for one in call.lines(claim.campaign) if one.id == claim.id), None)
    item = item_for(call.desk.checklist, claim, line.item if line else "")
    return call.page(
        "letter.html",
        claim=claim,
        item=item,
        line=line,
        appeal=appeal,
        due=appeal_due(appeal),
        answer=next((one for one in entries if one.act is Act.ANSWER and one.target == appeal.hash), None),
        elements=elements_of(call, claim, item, left),
    )


def enclosed(call: Call) -> Response:
    """An enclosed file, to be saved and never opened by the browser as a page."""
    name = call.request.path_params["name"]
    content = enclosed_file(call.workspace.conn, name)
    if content is None:
        raise HTTPException(404, "Không có tệp này.")
    said = next((one.file_name for one in reviews(call.workspace.conn) if one.file == name), "tep")
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(said)}",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)
