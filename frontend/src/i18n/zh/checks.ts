// Planted checks: told to who accepted one, and in short to reviewers.
export const checks = {
  "check.said":
    "您采纳的一条建议是检查题：“{head}” → {type} → “{tail}”并非模型给出，而是系统放入的。",
  "check.here":
    "请去掉该三元组并重新提交；如果句子确实是这个意思，也可以保留。在此之前，本句不计入金标准。",
  "check.there": "在您重新核对之前，该句不计入金标准。",
  "check.keep": "保留：句子确有此意",
  "check.open": "查看该句",
  "check.title": "检查题",
  "check.none": "还没有提交过：最多有 {percent} 的建议会放入一条错误三元组。",
  "check.rate":
    "放入的 {shown} 条错误三元组中，首次提交时有 {accepted} 条被采纳：{percent}（95% 区间 {low} 至 {high}）。",
  "check.triple": "“{head}” → {type} → “{tail}”",
  "check.outcome.open": "尚未提交",
  "check.outcome.refused": "未采纳",
  "check.outcome.accepted": "已采纳，该句暂不计入",
  "check.outcome.removed": "之后已去掉",
  "check.outcome.confirmed": "知情后保留",
  "sampling.planted": "检查题",
  "sampling.planted_hint":
    "在带建议的句子中放入一条错误三元组的百分比，最多 5。启用前请告知所有标注人员：采纳者会立即得到提示，且只有在去掉或知情保留之后，该句才计入金标准。",
};
