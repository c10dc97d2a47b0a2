"""The method in words, generated from the checklist: what is asked, by which clause, how it is judged, what is assumed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checklists.model import Checklist, Element, Item, Mode

WIDEST_LIST = 12
"""Words of a parameter shown before the rest is only counted."""

STATUS = {
    "full": "đã đọc nguyên văn điều luật",
    "excerpt": "chỉ đọc được trích đoạn",
    "secondary": "theo nguồn thứ cấp",
    "unverified": "chưa kiểm chứng",
}


def method_text(checklist: Checklist) -> str:
    """The method of a checklist as Markdown in Vietnamese. The same checklist always gives the same text."""
    return "\n".join(lines_of(checklist)) + "\n"


def lines_of(checklist: Checklist) -> Iterator[str]:
    yield f"# Phương pháp: {checklist.title}"
    yield ""
    yield f"Phiên bản {checklist.version}, áp dụng cho giai đoạn {checklist.valid_from} – {checklist.valid_to}."
    yield "Văn bản này được sinh từ danh mục; không sửa tay."
    yield ""
    yield "## Quy tắc chung"
    yield ""
    yield "- Một trang đủ chứng minh là có; chỉ khi đã xem trọn vẹn mới kết luận là không có. Mọi trường hợp khác là chưa rõ và chuyển cho người kiểm tra."
    yield "- Cổng không vào được từ phía chương trình thì không bị tính điểm không."
    yield "- Mục đạt khi mọi yếu tố đạt, không đạt khi không yếu tố nào đạt, còn lại là đạt một phần."
    yield f"- {' '.join(checklist.vocabulary.merge_rule.split())}"
    yield (
        "- Trang chỉ ghi “"
        + "”, “".join(checklist.vocabulary.empty_markers[:4])
        + "” và các câu tương tự được coi là không có nội dung."
    )
    for item in checklist.items:
        yield ""
        yield from item_lines(checklist, item)


def item_lines(checklist: Checklist, item: Item) -> Iterator[str]:
    """One item's chapter."""
    yield f"## {item.title} (`{item.id}`)"
    yield ""
    yield f"**Hỏi:** {item.question}"
    yield ""
    yield f"**Căn cứ:** {item.law.clause} — {item.law.text} (nguồn: {item.law.source}; {STATUS[item.law.status]})"
    if item.law.deadline:
        yield ""
        yield f"**Thời hạn:** {item.law.deadline}"
    yield ""
    yield f"**Áp dụng cho khối:** {', '.join(block.value for block in item.blocks)}."
    if item.mode is Mode.ASSISTED:
        yield ""
        yield "Mục này do máy đề xuất, người kiểm tra quyết định."
    if item.binds_from:
        yield ""
        yield f"Các yếu tố chỉ tính từ ngày {item.binds_from}; trước đó được quan sát và báo cáo, không tính điểm."
    yield ""
    yield "| yếu tố | tìm ở | cách xét | lý do có thể nêu |"
    yield "|---|---|---|---|"
    for element in item.elements:
        yield element_row(checklist, element)
    yield ""
    yield f"**Xét bằng tay:** {item.guidance}"
    yield ""
    yield f"**Để đáp ứng:** {item.mend}."
    if item.assumed:
        yield ""
        yield "**Giả định (luật không nêu, do phương pháp này chọn):**"
        yield ""
        yield from (f"- {line}" for line in item.assumed)


def element_row(checklist: Checklist, element: Element) -> str:
    """One element as a table row."""
    where = ", ".join(checklist.section(name).title for name in element.sections)
    title = f"{element.title} (`{element.id}`)" + (" — chỉ thống kê" if element.statistic else "")
    if element.apart_hours:
        title += f" — xét theo cả đợt, hai lần thấy thiếu cách nhau ít nhất {element.apart_hours} giờ"
    how = f"`{element.evaluator}`: {'; '.join(parameter_words(element.parameters)) or 'không có tham số'}"
    reasons = ", ".join(f"`{reason}`" for reason in element.sentences)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in (title, where, how, reasons)) + " |"


def parameter_words(parameters: Mapping[str, Any]) -> Iterator[str]:
    """The parameters that say something, in words; long lists cut short."""
    for name, value in parameters.items():
        if value in ("", [], {}, None, False):
            continue
        yield f"{name} = {shown(value)}"


def shown(value: Any) -> str:
    """A parameter's value in words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {shown(one)}" for key, one in value.items())
    if isinstance(value, list):
        return listed(value)
    return str(value)


def listed(values: Iterable[Any]) -> str:
    words = [f"({shown(value)})" if isinstance(value, list) else str(value) for value in values]
    rest = len(words) - WIDEST_LIST
    return ", ".join(words[:WIDEST_LIST]) + (f" và {rest} từ khác" if rest > 0 else "")
