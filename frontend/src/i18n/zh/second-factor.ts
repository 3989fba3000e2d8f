// The second factor: setting it up, entering with it, removing it.
export const secondFactor = {
  "factor.title": "二次验证",
  "factor.hint": "手机应用每半分钟显示一个新验证码；即使密码泄露，没有验证码也无法登录。",
  "factor.off": "尚未设置。",
  "factor.on": "已设置。剩余 {n} 个恢复码。",
  "factor.begin": "开始设置",
  "factor.needed": "您的账号必须使用二次验证才能登录，请现在设置。",
  "factor.scan": "用手机应用扫描此图，或手动输入图下的字母。",
  "factor.picture": "密钥二维码",
  "factor.secret": "手动输入的字母",
  "factor.code": "验证码",
  "factor.code_hint": "手机上的六位数字，或一个恢复码。",
  "factor.confirm": "确认",
  "factor.codes":
    "请将这些恢复码记在纸上。手机不在身边时，每个恢复码可登录一次；它们不会再次显示。",
  "factor.done": "已记下",
  "factor.remove": "移除",
  "factor.required": "您的角色必须使用二次验证，不能移除。",
};
