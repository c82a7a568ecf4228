// The page of `newsletter preview --web`: asks the server what there is, shows it, listens for saves.

const byId = (id) => document.getElementById(id);
const WIDTHS = ["desktop", "375", "320"];
const PARTS = ["html", "text", "inbox"];

const state = { issues: [], id: "", part: "html", width: "desktop", dark: false, images: true, count: 0, turn: 0 };

const ask = async (path) => (await fetch(path, { cache: "no-store" })).json();
const kilo = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

function make(tag, words = "", name = "") {
  const element = document.createElement(tag);
  element.textContent = words;
  if (name) element.className = name;
  return element;
}

async function showMonth() {
  const told = await ask("/api/month");
  state.issues = told.issues;
  byId("month").textContent = told.month;
  // An issue that lost its items stays on the screen, with the words that say so.
  if (!state.id) {
    const wanted = decodeURIComponent(location.hash.slice(1));
    state.id = (state.issues.find((issue) => issue.id === wanted) || state.issues[0] || { id: "" }).id;
  }
  byId("issues").replaceChildren(
    ...state.issues.map((issue) => {
      const entry = make("li");
      const link = make("a", issue.id.split("/")[1]);
      link.href = `#${issue.id}`;
      if (issue.accent) link.style.setProperty("--own", issue.accent);
      link.append(make("small", issue.subject));
      entry.append(link);
      return entry;
    }),
  );
  markIssue();
  return told;
}

function markIssue() {
  for (const link of byId("issues").querySelectorAll("a")) {
    if (link.hash === `#${state.id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

async function showIssue() {
  if (!state.id) return;
  const turn = ++state.turn;
  const told = await ask(`/api/issue/${state.id}`);
  if (turn !== state.turn) return;
  const faults = byId("faults");
  faults.hidden = !told.faults.length;
  faults.textContent = told.faults.join("\n");
  byId("title").textContent = state.id;
  document.title = `${state.id}: preview`;
  if (told.subject === undefined) {
    done(turn);
    return;
  }
  for (const name of ["sender", "subject", "preheader"]) byId(name).textContent = told[name];
  showSize(told);
  await showPart(told, turn);
}

function showSize(told) {
  // Not rounded up: `newsletter build` tells the same number.
  const share = Math.floor((100 * told.bytes) / told.limit);
  byId("size").textContent = `${kilo(told.bytes)} of Gmail’s 102 kB (${share} %)`;
  Object.assign(byId("meter"), { max: told.limit, value: told.bytes, high: told.limit * 0.95, optimum: 0 });
  const heaviest = Math.max(told.rest, ...told.items.map((item) => item.bytes));
  const weigh = (title, file, bytes) => {
    const entry = make("li");
    const bar = make("span");
    bar.style.width = `${(100 * bytes) / heaviest}%`;
    entry.append(make("b", kilo(bytes)), title, make("code", file), bar);
    return entry;
  };
  byId("weights").replaceChildren(
    ...[...told.items].sort((one, other) => other.bytes - one.bytes).map((item) => weigh(item.title, item.file, item.bytes)),
    weigh("Everything around them", "templates", told.rest),
  );
}

async function showPart(told, turn) {
  const stage = byId("stage");
  stage.dataset.width = state.width;
  for (const one of document.querySelectorAll(".for-html")) one.hidden = state.part !== "html";
  byId("note").textContent = [
    state.dark ? "Dark is emulated: the mail is told that its reader prefers dark. Some clients recolour in ways of their own." : "",
    state.images ? "" : "Images are blocked, as many clients do until asked.",
  ].join(" ").trim();
  if (state.part === "text") {
    stage.replaceChildren(make("pre", told.text));
  } else if (state.part === "inbox") {
    const sheet = await ask(`/api/inbox/${state.id}`);
    if (turn !== state.turn) return;
    stage.replaceChildren(...sheet.rows.map(inboxRow));
  } else {
    await showFrame(stage, turn);
    return;
  }
  done(turn);
}

function inboxRow(row) {
  const box = make("div", "", "row");
  box.append(make("h2", row.client), make("p", row.sender, "from"));
  if (row.is_one_line) {
    const line = make("p", row.subject);
    const rest = make("span", `${row.preheader || row.leak ? " – " : ""}${row.preheader}${row.leak}`, "pre");
    line.append(rest);
    box.append(line);
  } else {
    box.append(make("p", row.subject), make("p", row.preheader + row.leak, "pre"));
  }
  if (row.lost.length) box.append(make("p", `Falls off: ${row.lost.join(" · ")}`, "flag"));
  if (row.twins.length) box.append(make("p", `Looks the same as ${row.twins.join(" and ")}`, "flag"));
  if (row.leak) box.append(make("p", `The body follows the preheader: ${row.leak.trim()}`, "flag"));
  return box;
}

// The new frame is laid out unseen and then takes the old one's place, so that nothing flickers and the place is kept.
function showFrame(stage, turn) {
  const frame = make("iframe");
  frame.title = `${state.id}, ${state.width}`;
  // No scripts, no forms; the same origin only so that this page can measure the mail and hear keys and clicks in it.
  frame.setAttribute("sandbox", "allow-same-origin");
  frame.classList.toggle("dark", state.dark);
  frame.src = `/${state.images ? "built" : "unseen"}/${state.id}/issue.html`;
  frame.style.height = "0";
  frame.classList.add("hidden");
  if (!stage.querySelector("iframe")) stage.replaceChildren();
  return new Promise((resolve) => {
    frame.addEventListener("load", () => {
      if (turn !== state.turn) {
        frame.remove();
        resolve();
        return;
      }
      const page = frame.contentDocument;
      emulate(page, state.dark);
      frame.style.height = `${page.documentElement.scrollHeight + 2}px`;
      frame.classList.remove("hidden");
      // Not replaceChildren: a frame that is moved loads again.
      for (const child of [...stage.children]) if (child !== frame) child.remove();
      page.addEventListener("keydown", press);
      page.addEventListener("click", follow);
      done(turn);
      resolve();
    }, { once: true });
    stage.append(frame);
  });
}

// No browser lets a page choose what its frame prefers, so the frame's own style rules are answered for it. The mail
// comes from the server as it was built.
function emulate(page, isDark) {
  const answer = (media) => {
    if (!/prefers-color-scheme/i.test(media.mediaText)) return;
    media.mediaText = media.mediaText.replace(
      /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi,
      (_, scheme) => ((scheme.toLowerCase() === "dark") === isDark ? "(min-width: 0px)" : "(max-width: 0px)"),
    );
  };
  const visit = (rules) => {
    for (const rule of rules) {
      if (rule.media) answer(rule.media);
      if (rule.cssRules) visit(rule.cssRules);
    }
  };
  for (const sheet of page.styleSheets) {
    answer(sheet.media);
    visit(sheet.cssRules);
  }
  page.documentElement.style.colorScheme = isDark ? "dark" : "light";
}

// A link of the mail opens beside the preview, never in its frame.
function follow(event) {
  const link = event.target.closest("a[href]");
  if (!link) return;
  event.preventDefault();
  const address = link.getAttribute("href");
  if (address.startsWith("#")) {
    const target = link.ownerDocument.getElementById(address.slice(1));
    if (target) target.scrollIntoView();
  } else if (/^https?:/i.test(address)) {
    window.open(address, "_blank", "noopener");
  }
}

// What a test waits for: the issue, its part and its state are on the screen.
function done(turn) {
  if (turn === state.turn) {
    document.body.dataset.shown = [state.id, state.part, state.width, state.dark, state.images, state.count].join(" ");
  }
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const inList = document.activeElement && document.activeElement.closest("nav");
  const next = event.key === "ArrowRight" || (inList && event.key === "ArrowDown");
  const previous = event.key === "ArrowLeft" || (inList && event.key === "ArrowUp");
  if (next || previous) step(next ? 1 : -1, inList);
  else if (event.key === "d") state.dark = !state.dark;
  else if (event.key === "i") state.images = !state.images;
  else if (event.key === "m") state.width = WIDTHS[(WIDTHS.indexOf(state.width) + 1) % WIDTHS.length];
  else if (event.key === "t") state.part = PARTS[(PARTS.indexOf(state.part) + 1) % PARTS.length];
  else return;
  event.preventDefault();
  if (!next && !previous) refresh();
}

function step(by, focuses) {
  const at = state.issues.findIndex((issue) => issue.id === state.id);
  const issue = state.issues[at + by];
  if (!issue) return;
  location.hash = issue.id;
  if (focuses) byId("issues").children[at + by].firstChild.focus();
}

function refresh() {
  for (const button of document.querySelectorAll("button[data-part]")) {
    button.setAttribute("aria-pressed", String(button.dataset.part === state.part));
  }
  for (const button of document.querySelectorAll("button[data-width]")) {
    button.setAttribute("aria-pressed", String(button.dataset.width === state.width));
  }
  byId("dark").setAttribute("aria-pressed", String(state.dark));
  byId("images").setAttribute("aria-pressed", String(state.images));
  return showIssue();
}

function listen() {
  const events = new EventSource("/events");
  events.addEventListener("hello", (event) => {
    const count = Number(event.data);
    byId("live").textContent = "live";
    if (count !== state.count) saved(count);
  });
  events.addEventListener("saved", (event) => saved(Number(event.data)));
  events.addEventListener("error", () => { byId("live").textContent = "the preview has ended"; });
}

async function saved(count) {
  const before = state.id;
  state.count = count;
  await showIssue();
  await showMonth();
  if (state.id !== before) await showIssue();
}

document.addEventListener("keydown", press);
addEventListener("hashchange", () => {
  const wanted = decodeURIComponent(location.hash.slice(1));
  // A bookmark of another month, or a slip in the address.
  if (!state.issues.some((issue) => issue.id === wanted)) return;
  state.id = wanted;
  markIssue();
  scrollTo(0, 0);
  refresh();
});
document.querySelector(".bar").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.part) state.part = button.dataset.part;
  else if (button.dataset.width) state.width = button.dataset.width;
  else if (button.id === "dark") state.dark = !state.dark;
  else state.images = !state.images;
  refresh();
});

await showMonth();
await refresh();
listen();
