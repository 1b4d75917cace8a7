// Every answer that a page of the browser gets, taken by the browser itself before the page has it:
// what is no text, or holds the first bytes of an image, is kept as a file for check_images.py.
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const TEXT = /^(text\/|application\/(json|problem\+json|javascript|x-ndjson|manifest\+json)|image\/svg\+xml)/;
/** First bytes of what browsers draw: PNG, JPEG, GIF, WebP, BMP, TIFF, AVIF and HEIC, JPEG XL, ICO. */
const MAGICS = [
  /^\x89PNG\r\n\x1a\n/,
  /^\xff\xd8\xff/,
  /^GIF8[79]a/,
  /^RIFF[\s\S]{4}WEBP/,
  /^BM[\s\S]{4}\0\0\0\0/,
  /^(II\*\0|MM\0\*)/,
  /^[\s\S]{4}ftyp/,
  /^(\xff\x0a|\0\0\0\x0cJXL )/,
  /^\0\0[\x01\x02]\0[\x01-\x10]\0/,
];
/** The same inside of something else, as bytes or as Base64. */
const HIDDEN = [/\x89PNG\r\n\x1a\n/, /\xff\xd8\xff[\xe0\xe1\xdb]/, /iVBORw0KGgo/, /data:image\/(?!svg)/];

const folder = process.env.TUTELA_CONSOLE_RECORD;
const counts = { answers: 0, bytes: 0, images: 0 };
const links = new Map();

mkdirSync(join(folder, "images"), { recursive: true });

export function recorded() {
  return { ...counts };
}

export function looksLikeImage(bytes) {
  const head = bytes.toString("latin1", 0, 64);
  return MAGICS.some((magic) => magic.test(head));
}

function holdsImage(text) {
  return HIDDEN.some((pattern) => pattern.test(text));
}

/** A new address of a view: which object it shows, for whom. */
function noteLink(request, body, server, who) {
  const asked = /\/v1\/evidence\/([^/]+)\/view-links$/.exec(new URL(request.url).pathname);
  if (asked && request.method === "POST") {
    const { url } = JSON.parse(body.toString());
    links.set(server.origin + url, { evidence: asked[1], who, ...JSON.parse(request.postData) });
  }
}

function keep(entry, body) {
  const name = `${createHash("sha256").update(body).digest("hex")}.bin`;
  writeFileSync(join(folder, "images", name), body);
  counts.images += 1;
  appendFileSync(join(folder, "images.jsonl"), `${JSON.stringify({ ...entry, file: name })}\n`);
}

export function recordAnswer({ request, status, type, body, server, who }) {
  counts.answers += 1;
  counts.bytes += body.length;
  if (status === 201) {
    noteLink(request, body, server, who);
  }
  const isText = TEXT.test(type) && !looksLikeImage(body) && !holdsImage(body.toString("latin1"));
  if (body.length > 0 && !isText) {
    const url = request.url;
    keep({ server: server.origin, at: Date.now(), who, url, type, status, ...(links.get(url) ?? {}) }, body);
  }
}

async function take(client, event, server, who, onAnswer) {
  const { requestId, request, responseStatusCode, responseHeaders = [], responseErrorReason } = event;
  if (responseErrorReason === undefined) {
    const isRedirect = responseStatusCode >= 300 && responseStatusCode < 400;
    const headers = new Map(responseHeaders.map(({ name, value }) => [name.toLowerCase(), value]));
    const type = headers.get("content-type") ?? "";
    const got = isRedirect ? { body: "" } : await client.send("Fetch.getResponseBody", { requestId });
    const body = Buffer.from(got.body, got.base64Encoded ? "base64" : "utf8");
    recordAnswer({ request, status: responseStatusCode, type, body, server, who });
    onAnswer({ url: request.url, type, headers, status: responseStatusCode });
  }
  await client.send("Fetch.continueRequest", { requestId });
}

export async function recordAnswers(page, server, who, onAnswer) {
  const client = await page.context().newCDPSession(page);
  client.on("Fetch.requestPaused", (event) => {
    take(client, event, server, who, onAnswer).catch((error) => {
      // A page that went away while it was answered has not got the answer either.
      if (!page.isClosed() && !/Invalid InterceptionId|Target.*closed/.test(error.message)) {
        appendFileSync(join(folder, "unread.jsonl"), `${JSON.stringify({ url: event.request.url, why: error.message })}\n`);
      }
    });
  });
  await client.send("Fetch.enable", { patterns: [{ urlPattern: "*", requestStage: "Response" }] });
}
