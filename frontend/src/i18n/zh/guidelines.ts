// How to label in a project: the page and the panel beside the sentence.
export const guidelines = {
  "guidelines.title": "标注规范",
  "guidelines.lead": "本项目标注什么、怎样标注。",
  "guidelines.version": "本项目标注什么、怎样标注。第 {n} 版。",
  "guidelines.contents": "目录",
  "guidelines.general": "总则",
  "guidelines.nothing": "尚未填写。",
  "guidelines.edit": "编辑",
  "guidelines.preview": "预览",
  "guidelines.markdown_hint":
    "支持 Markdown：## 标题、* 列表、**加粗**、[链接](https://…)、| 表格 |。不显示 HTML 和图片。",
  "guidelines.conflict":
    "其他人在此期间已保存，有 {n} 个部分双方都改过。两份文字都已保留，请逐一决定。",
  "guidelines.joined": "其他人在此期间已保存，其修改已与您的合并，请再次保存。",
  "guidelines.theirs": "对方的文字",
  "guidelines.removed": "（对方清空了这一部分）",
  "guidelines.keep_mine": "保留我的",
  "guidelines.take_theirs": "采用对方的",
  "guidelines.take_both": "两者都保留",
  "guidelines.whole": "查看完整规范",
};
