// The console under its Content-Security-Policy. Style sheets that libraries add carry the nonce of
// this response. Trusted Types: text without markup may become style text, and nothing may become
// markup or script.
import { setNonce } from "get-nonce";

interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML: (text: string) => string }): unknown;
}

function refuseMarkup(text: string): string {
  if (text.includes("<")) {
    throw new TypeError("markup from text is refused");
  }
  return text;
}

function readNonce(): string {
  // Vite's element; browsers show the attribute to scripts alone, never to style sheets.
  const value = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
  return value === "__CSP_NONCE__" ? "" : value;
}

const trusted = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
trusted?.createPolicy("default", { createHTML: refuseMarkup });

export const nonce = readNonce();
if (nonce !== "") {
  setNonce(nonce);
}
