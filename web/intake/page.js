// The script of the public pages. They work without it; with it they leave one entry in the list
// of the Back button, prove a little work, and say what happens while they send. What is typed is
// never stored.
"use strict";

(() => {
  const WORK_MS = 20_000;
  const LOCAL = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  let source = "";
  const trusted = window.trustedTypes?.createPolicy("tutela", {
    createHTML: (html) => (html === source ? html : ""), // an answer of this server alone
    createScriptURL: () => "/work.js",
  });

  const main = () => document.getElementById("main");
  const AROUND = ["header", "footer"]; // where one is, and which ways lead on

  /** Leaves without an entry: the page that comes takes the place of this one. */
  function go(address) {
    window.location.replace(address);
  }

  /** Puts what an answer says in place of ours; the address stays as it is. */
  function show(html) {
    source = html;
    const parsed = new DOMParser().parseFromString(trusted ? trusted.createHTML(html) : html, "text/html");
    const next = parsed.getElementById("main");
    if (next === null) {
      return false;
    }
    document.title = parsed.title;
    document.documentElement.lang = parsed.documentElement.lang;
    for (const part of AROUND) {
      document.querySelector(part)?.replaceWith(document.adoptNode(parsed.querySelector(part)));
    }
    main().replaceWith(document.adoptNode(next));
    dress();
    window.scrollTo(0, 0);
    (document.getElementById("error") ?? main()).focus({ preventScroll: true });
    document.getElementById("error")?.scrollIntoView();
    return true;
  }

  /** A number that solves the challenge, from a worker; nothing where that fails or takes long. */
  function solve({ challenge, bits }) {
    return new Promise((resolve) => {
      const worker = new Worker(trusted ? trusted.createScriptURL("") : "/work.js");
      const end = (answer) => {
        clearTimeout(timer);
        worker.terminate();
        resolve(answer);
      };
      const timer = setTimeout(() => end(null), WORK_MS);
      worker.onmessage = ({ data }) => end(data);
      worker.onerror = () => end(null);
      worker.postMessage({ challenge, bits });
    });
  }

  /** What could not be proved is sent without. */
  async function prove(data) {
    try {
      const response = await fetch("/v1/intake/challenge", { cache: "no-store", credentials: "omit" });
      const given = await response.json();
      const answer = response.ok && given.bits > 0 ? await solve(given) : null;
      if (answer !== null) {
        data.set("challenge", given.challenge);
        data.set("work", answer);
      }
    } catch {
      // Nothing: the report matters more.
    }
  }

  /** Places of files that will not be taken: names are not repeated on a page. */
  function tooLarge(form) {
    const { bytesMax, filesMax } = form.dataset;
    const files = [...(form.elements.files?.files ?? [])];
    return files.flatMap((file, i) => (i >= Number(filesMax ?? 0) || file.size > Number(bytesMax ?? 0) ? [i + 1] : []));
  }

  async function post(form, status) {
    const data = new FormData(form);
    const isMultipart = form.enctype === "multipart/form-data";
    if (isMultipart) {
      await prove(data);
    }
    const response = await fetch(form.action, {
      method: "POST",
      body: isMultipart ? data : new URLSearchParams(data),
      headers: { Accept: "text/html" },
      cache: "no-store",
      credentials: "omit",
    });
    if (!show(await response.text())) {
      status.textContent = status.dataset.failed;
    }
  }

  async function send(event) {
    const form = event.target;
    event.preventDefault();
    const button = form.querySelector("button");
    const status = form.querySelector(".sending");
    if (button.disabled) {
      return;
    }
    const places = tooLarge(form);
    if (places.length > 0) {
      status.textContent = status.dataset.large.replace("{places}", places.join(", "));
      return;
    }
    button.disabled = true;
    status.textContent = status.dataset.sending;
    try {
      await post(form, status);
    } catch {
      status.textContent = status.dataset.failed;
    }
    button.disabled = false;
  }

  /** Forms that only ask lead to an address, which takes the place of this one. */
  function ask(event) {
    event.preventDefault();
    const form = event.target;
    go(`${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`);
  }

  /** Times where whoever reads it is. */
  function localTimes() {
    for (const time of document.querySelectorAll("time[datetime]:not([data-local])")) {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.getTime())) {
        const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
        time.textContent = at.toLocaleString(language, LOCAL);
        time.dataset.local = "";
      }
    }
  }

  function dress() {
    for (const form of document.querySelectorAll("form[data-send]")) {
      form.addEventListener("submit", send);
    }
    for (const form of document.querySelectorAll("form[method=get]")) {
      form.addEventListener("submit", ask);
    }
    localTimes();
  }

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (link === null || !isPlain) {
      return;
    }
    if (link.id === "exit") {
      event.preventDefault();
      document.documentElement.hidden = true;
      go(link.href);
    } else if (link.getAttribute("href").startsWith("/")) {
      event.preventDefault();
      go(link.href);
    } else if (link.getAttribute("href").startsWith("#")) {
      event.preventDefault(); // a place in the page would be one more entry behind the way out
      const place = document.getElementById(link.getAttribute("href").slice(1));
      place?.scrollIntoView();
      place?.focus({ preventScroll: true });
    }
  });
  for (const note of document.querySelectorAll(".scripted")) {
    note.hidden = false;
  }
  dress();
})();
