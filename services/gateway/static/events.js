"use strict";
// Reads /v1/events with fetch: EventSource cannot send a token. Goes on by Last-Event-ID after every break.

const MOST_SHOWN = 200;
const WAIT_MILLISECONDS = 2000;
const field = (id) => document.getElementById(id);

let listening = null;
let lastId = "";
const summaries = new Map();

function say(text, kind = "") {
  field("state").textContent = text;
  field("state").className = kind;
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function shown(value) {
  if (Array.isArray(value) || (value && typeof value === "object")) return JSON.stringify(value);
  const moment = typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? new Date(value) : null;
  return moment ? moment.toLocaleString("zh-CN", { timeZone: "Asia/Shanghai" }) : String(value);
}

function show(event) {
  const line = document.createElement("li");
  const head = element("div", "", "head");
  const name = event.data.title || event.data.name;
  head.append(
    element("time", new Date(event.time).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai" })),
    element("strong", name || event.type.split(".").slice(2, 4).join(" ")),
    element("code", event.type),
    element("span", event.region, "what"),
  );
  const facts = document.createElement("dl");
  for (const [key, value] of Object.entries(event.data)) {
    if (value !== null) facts.append(element("dt", key), element("dd", shown(value)));
  }
  line.append(head, element("div", summaries.get(event.type) || "", "what"), facts);
  field("feed").prepend(line);
  while (field("feed").children.length > MOST_SHOWN) field("feed").lastChild.remove();
  field("empty").hidden = true;
}

function take(block) {
  const data = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
    if (name === "id") lastId = value;
    if (name === "data") data.push(value);
  }
  if (data.length) show(JSON.parse(data.join("\n")));
}

async function read(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    blocks.forEach(take);
  }
}

async function refused(answer) {
  const problem = await answer.json().catch(() => ({}));
  say(problem.detail || `HTTP ${answer.status}`, "bad");
  if (problem.code === "position-lost") lastId = "";
  return problem.code === "position-lost" || answer.status >= 500;
}

async function once(signal) {
  const query = new URLSearchParams();
  for (const name of ["region", "types"]) if (field(name).value.trim()) query.set(name, field(name).value.trim());
  const headers = { Accept: "text/event-stream" };
  if (field("token").value.trim()) headers.Authorization = `Bearer ${field("token").value.trim()}`;
  if (lastId) headers["Last-Event-ID"] = lastId;
  const answer = await fetch(`/v1/events?${query}`, { headers, signal });
  if (!answer.ok) return refused(answer);
  say("正在收听，有新消息会出现在下面 · listening", "open");
  await read(answer);
  return true;
}

async function listen() {
  listening?.abort();
  const mine = (listening = new AbortController());
  lastId = "";
  let again = true;
  while (again && !mine.signal.aborted) {
    try {
      again = await once(mine.signal);
    } catch (trouble) {
      if (mine.signal.aborted) return;
      say("连接中断，正在重连 · connection lost, trying again", "bad");
    }
    await new Promise((resolve) => setTimeout(resolve, WAIT_MILLISECONDS));
  }
}

async function learnSummaries() {
  const document_ = await (await fetch("/asyncapi.json")).json();
  for (const message of Object.values(document_.components?.messages ?? {})) {
    if (message.name) summaries.set(message.name, message.summary || message.description || "");
  }
}

field("choose").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  listen();
});
const given = new URLSearchParams(location.hash.slice(1));
for (const name of ["token", "region", "types"]) if (given.get(name)) field(name).value = given.get(name);
learnSummaries().catch(() => {});
if (given.get("token")) listen();
