// What the server takes as an address: one, in ASCII, without a name beside it.
export const EMAIL_MAX = 254;

const EMAIL = /^[^@\s()<>[\]:;,\\"]+@[^@\s()<>[\]:;,\\"]+$/;

export function isEmail(text: string): boolean {
  return text.length <= EMAIL_MAX && /^[\x21-\x7e]+$/.test(text) && EMAIL.test(text);
}
