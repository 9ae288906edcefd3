"""The words of the results, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from d2l_autograd.grading.results import Marked, Result

Texts = Mapping[str, str]

# Why an exercise, or a notebook, failed.
REASONS: dict[str, Texts] = {
    "raised": {"en": "Its cell raised {error}.", "zh": "单元格出错：{error}。"},
    "time": {
        "en": "It computed for more than {seconds:g} s and was ended.",
        "zh": "计算超过 {seconds:g} 秒，已终止。",
    },
    "waits": {
        "en": "It had not ended after {seconds:g} s and was ended.",
        "zh": "{seconds:g} 秒后仍未结束，已终止。",
    },
    "total": {
        "en": "The cells of the notebook computed for more than {seconds:g} s together.",
        "zh": "整个笔记本的计算超过 {seconds:g} 秒，已终止。",
    },
    "memory": {
        "en": "It took more than {gigabytes:g} GB of memory and was ended.",
        "zh": "占用内存超过 {gigabytes:g} GB，已终止。",
    },
    "processes": {
        "en": "It started more than {most} processes and was ended.",
        "zh": "启动的进程超过 {most} 个，已终止。",
    },
    "messages": {
        "en": "Its answers are larger than {megabytes} MB.",
        "zh": "答案超过 {megabytes} MB。",
    },
    "signal": {
        "en": "Its process was ended by {signal}.",
        "zh": "进程被信号 {signal} 终止。",
    },
    "exit": {
        "en": "It ended its process, with exit status {status}.",
        "zh": "它自行结束了进程，退出状态为 {status}。",
    },
    "watcher": {
        "en": "It ended the process that watched over it.",
        "zh": "它终止了监视它的进程。",
    },
    "not_sent": {
        "en": "The answer cannot be handed to the check: {error}.",
        "zh": "答案无法交给检查程序：{error}。",
    },
    "tampered": {
        "en": "The answer changed the check while it was checked.",
        "zh": "答案在检查时改动了检查程序。",
    },
    "no_chapter": {
        "en": "It calls no exercise, and its name is no chapter's: say which with --chapter.",
        "zh": "其中没有调用任何练习，文件名也不是章节名：请用 --chapter 指定。",
    },
    "link": {"en": "It is a symbolic link.", "zh": "这是一个符号链接。"},
    "no_file": {"en": "It is not a file.", "zh": "这不是普通文件。"},
    "huge": {"en": "The file is larger than {megabytes} MB.", "zh": "文件大于 {megabytes} MB。"},
    "much_code": {
        "en": "It has more than {characters} characters of code.",
        "zh": "代码超过 {characters} 个字符。",
    },
    "unreadable": {"en": "It cannot be read: {why}.", "zh": "无法读取：{why}。"},
    "empty": {"en": "The file is empty.", "zh": "文件是空的。"},
    "no_json": {"en": "It is no notebook: not JSON.", "zh": "不是笔记本：内容不是 JSON。"},
    "no_notebook": {"en": "It is no notebook: no cells.", "zh": "不是笔记本：没有单元格。"},
}

WORDS: dict[str, Texts] = {
    "title": {"en": "Marks", "zh": "成绩"},
    "student": {"en": "student", "zh": "学生"},
    "sum": {"en": "sum", "zh": "总分"},
    "of": {"en": "of", "zh": "满分"},
    "remarks": {"en": "remarks", "zh": "备注"},
    "exercise": {"en": "Exercise {name}", "zh": "练习 {name}"},
    "right": {"en": "right", "zh": "正确"},
    "wrong": {"en": "wrong", "zh": "错误"},
    "unanswered": {"en": "not answered", "zh": "未作答"},
    "failed": {"en": "failed", "zh": "未能运行"},
    "book": {"en": "as in the book", "zh": "与书中解答相同"},
    "twins": {"en": "the same code as {others}", "zh": "代码与 {others} 相同"},
    "curious": {"en": "to be read: {words}", "zh": "请查看代码：{words}"},
    "several": {
        "en": "{count} notebooks of chapter {chapter}: the better answers count",
        "zh": "第 {chapter} 章交了 {count} 个笔记本：每题取较好的答案",
    },
    "all": {"en": "All students", "zh": "全部学生"},
    "none": {"en": "No notebook was handed in.", "zh": "没有交上来的笔记本。"},
}


def word(key: str, lang: str, **details: object) -> str:
    """A word or sentence, with its details."""
    return WORDS[key][lang].format(**details)


def reason(found: Result | Marked, lang: str) -> str:
    """Why an exercise or a notebook failed, as a sentence."""
    return REASONS[found.reason][lang].format(**found.details) if found.reason else ""
