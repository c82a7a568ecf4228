// The page of `newsletter preview --web`: asks the server what there is, shows it, listens for saves.

const byId = (id) => document.getElementById(id);
const WIDTHS = ["desktop", "375", "320"];
const PARTS = ["html", "text", "inbox"];

// From here on there is room beside the mail, and for the list (page.css).
const WIDE = matchMedia("(min-width: 1101px)");
const LEVELS = ["error", "warning", "advice"];

const state = {
  issues: [], id: "", part: "html", width: "desktop", dark: false, images: true,
  // How many saves the page knows of, and how often it asked for an issue: what comes late is dropped.
  count: 0, turn: 0,
  // The issue whose mail is on the screen, what was found in it, and the story where `f` was last.
  built: "", found: "", finding: "",
};
// By issue: its level and the words that stand beside its name in the list.
const marks = new Map();

const ask = async (path) => (await fetch(path, { cache: "no-store" })).json();
const kilo = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const many = (count, word, words = `${word}s`) => `${count} ${count === 1 ? word : words}`;

function make(tag, words = "", name = "") {
  const element = document.createElement(tag);
  element.textContent = words;
  if (name) element.className = name;
  return element;
}

async function showMonth() {
  const told = await ask("/api/month");
  state.issues = told.issues;
  byId("month").textContent = new Date(`${told.month}-01T12:00`).toLocaleDateString("en", { month: "long", year: "numeric" });
  // An issue that lost its items stays on the screen, with the words that say so.
  if (!state.id) {
    const wanted = decodeURIComponent(location.hash.slice(1));
    state.id = (state.issues.find((issue) => issue.id === wanted) || state.issues[0] || { id: "" }).id;
  }
  byId("issues").replaceChildren(
    ...state.issues.map((issue) => {
      const entry = make("li");
      const link = make("a");
      const name = make("span", "", "name");
      name.append(make("span", issue.id.split("/")[1]), make("span", "", "mark"));
      link.href = `#${issue.id}`;
      if (issue.accent) link.style.setProperty("--own", issue.accent);
      link.append(name, make("small", issue.subject));
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
    const [level, words] = marks.get(link.hash.slice(1)) || ["", ""];
    Object.assign(link.querySelector(".mark"), { className: `mark ${level}`, textContent: words });
  }
  const faulty = state.issues.filter((issue) => (marks.get(issue.id) || [""])[0] === "error").length;
  byId("fold").textContent = many(state.issues.length, "issue") + (faulty ? `, ${faulty} faulty` : "");
}

// The issue on the screen first; the others are made for it, one after the other, and a save begins anew.
async function markAll(count) {
  for (const issue of [...state.issues].sort((one, other) => (other.id === state.id) - (one.id === state.id))) {
    const told = await ask(`/api/findings/${issue.id}`);
    if (count !== state.count) return;
    marks.set(issue.id, markOf(told));
    markIssue();
  }
}

function markOf(told) {
  if (told.is_stopped) return ["error", "faulty"];
  const levels = told.groups.flatMap((group) => group.findings.map((finding) => finding.level));
  const level = LEVELS.find((one) => levels.includes(one));
  if (!level || level === "advice") return ["", ""];
  return [level, many(levels.filter((one) => one === level).length, level)];
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
    // What was built before stays in sight while its slip is mended; another issue's mail does not.
    if (state.built !== state.id) clear();
    await showFindings(turn);
    done(turn);
    return;
  }
  state.built = state.id;
  for (const name of ["sender", "subject", "preheader"]) byId(name).textContent = told[name];
  byId("length").textContent = [
    many(told.stories, "story", "stories"), many(told.words, "word"), `${many(told.minutes, "minute")} to read`,
  ].join(" · ");
  showSize(told);
  await showPart(told, turn);
  await showFindings(turn);
}

function clear() {
  for (const name of ["sender", "subject", "preheader", "length", "size", "weights", "stage"]) byId(name).replaceChildren();
  state.built = "";
}

async function showFindings(turn) {
  const told = await ask(`/api/findings/${state.id}`);
  if (turn !== state.turn) return;
  const count = told.groups.reduce((sum, group) => sum + group.findings.length, 0);
  byId("count").textContent = told.is_stopped ? "A fault stops it" : count ? many(count, "finding") : "Nothing to mend";
  // What is the same stays as it is, and keeps the focus.
  const found = JSON.stringify(told);
  if (found !== state.found) byId("groups").replaceChildren(...told.groups.map(findingsOf));
  state.found = found;
  byId("next").hidden = !told.groups.some((group) => group.story);
  byId("unfold").hidden = !count;
  byId("groups").dataset.shown = `${state.id} ${state.count}`;
  place();
}

function findingsOf(group) {
  const levels = group.findings.map((finding) => finding.level);
  const box = make("section", "", `group ${LEVELS.find((level) => levels.includes(level))}`);
  const title = make("h3", group.story ? "" : group.title);
  if (group.story) {
    const button = make("button", group.title);
    button.type = "button";
    button.dataset.story = group.story;
    title.append(button);
    box.dataset.story = group.story;
    button.addEventListener("click", () => showStory(group.story));
    for (const [event, isShown] of [["mouseenter", true], ["focusin", true], ["mouseleave", false], ["focusout", false]]) {
      box.addEventListener(event, () => outline(group.story, isShown));
    }
  }
  const list = make("ul");
  for (const finding of group.findings) {
    const entry = make("li", "", finding.level);
    const kind = make("p", "", "kind");
    kind.append(make("b", finding.level), ` ${finding.slug}`);
    entry.append(kind, make("p", finding.message));
    if (finding.hint) entry.append(make("p", finding.hint, "hint"));
    entry.append(make("code", finding.place));
    list.append(entry);
  }
  box.append(title, list);
  return box;
}

// In the packaged look a story is what its entry in the contents leads to. Own templates may have no such places: what
// is found then stands from the top down.
function storyOf(number) {
  const frame = byId("stage").querySelector("iframe");
  return frame && frame.contentDocument && frame.contentDocument.getElementById(`story-${number}`);
}

function outline(number, isShown) {
  const story = storyOf(number);
  if (story) Object.assign(story.style, { outline: isShown ? "3px solid #d9822b" : "", outlineOffset: isShown ? "6px" : "" });
}

async function showStory(number) {
  if (state.part !== "html") {
    state.part = "html";
    await refresh();
  }
  const story = storyOf(number);
  if (story) story.scrollIntoView({ block: "center" });
}

// Each group goes down to its story, or to the end of the group above it, whichever is lower.
function place() {
  const groups = [...byId("groups").children];
  for (const group of groups) group.style.marginTop = "";
  if (!WIDE.matches || state.part !== "html") return;
  const frame = byId("stage").querySelector("iframe");
  for (const group of groups) {
    const story = storyOf(group.dataset.story);
    if (!story) continue;
    const top = frame.getBoundingClientRect().top + story.getBoundingClientRect().top;
    const gap = top - group.getBoundingClientRect().top;
    if (gap > 0) group.style.marginTop = `calc(12px + ${gap}px)`;
  }
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
      fit(frame);
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

function fit(frame) {
  frame.style.height = "0";
  frame.style.height = `${frame.contentDocument.documentElement.scrollHeight + 2}px`;
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
    const page = link.ownerDocument;
    const target = page.getElementById(address.slice(1)) || page.getElementsByName(address.slice(1))[0];
    if (target) target.scrollIntoView();
  } else if (/^https?:/i.test(address)) {
    window.open(address, "_blank", "noopener");
  }
}

// What a test waits for: the issue, its part and its state are on the screen.
function done(turn) {
  if (turn === state.turn) {
    place();
    document.body.dataset.shown = [state.id, state.part, state.width, state.dark, state.images, state.count].join(" ");
  }
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const inList = document.activeElement && document.activeElement.closest("nav");
  const next = event.key === "ArrowRight" || (inList && event.key === "ArrowDown");
  const previous = event.key === "ArrowLeft" || (inList && event.key === "ArrowUp");
  if (next || previous) step(next ? 1 : -1, inList);
  else if (event.key === "f") nextFinding();
  else if (event.key === "Escape" && isOpen("fold")) {
    fold(false);
    byId("fold").focus();
  } else if (event.key === "d") state.dark = !state.dark;
  else if (event.key === "i") state.images = !state.images;
  else if (event.key === "m") state.width = WIDTHS[(WIDTHS.indexOf(state.width) + 1) % WIDTHS.length];
  else if (event.key === "t") state.part = PARTS[(PARTS.indexOf(state.part) + 1) % PARTS.length];
  else return;
  event.preventDefault();
  if ("dimt".includes(event.key)) refresh();
}

function nextFinding() {
  const buttons = [...byId("groups").querySelectorAll("button")];
  // The button "Next" takes the focus away from the last one.
  const last = buttons.findIndex((button) => button.dataset.story === state.finding);
  const button = buttons[last + 1] || buttons[0];
  if (!button) return;
  state.finding = button.dataset.story;
  unfold(true);
  button.focus();
  button.click();
}

// Where the window is narrow, the list and what is found are folded away, so that the mail is seen.
function open(folded, button, isOpen) {
  byId(folded).classList.toggle("open", isOpen);
  byId(button).setAttribute("aria-expanded", String(isOpen));
}

function fold(isOpen) {
  open("list", "fold", isOpen);
}

function unfold(isOpen) {
  open("groups", "unfold", isOpen);
  byId("unfold").textContent = isOpen ? "Hide" : "Show";
}

const isOpen = (button) => byId(button).getAttribute("aria-expanded") === "true";

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
  markAll(count);
}

document.addEventListener("keydown", press);
addEventListener("hashchange", () => {
  const wanted = decodeURIComponent(location.hash.slice(1));
  // A bookmark of another month, or a slip in the address.
  if (!state.issues.some((issue) => issue.id === wanted)) return;
  state.id = wanted;
  state.finding = state.found = "";
  byId("groups").replaceChildren();
  byId("count").textContent = "Looking …";
  fold(false);
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

byId("fold").addEventListener("click", () => fold(!isOpen("fold")));
byId("unfold").addEventListener("click", () => unfold(!isOpen("unfold")));
byId("next").addEventListener("click", nextFinding);
WIDE.addEventListener("change", place);
addEventListener("resize", () => {
  const frame = byId("stage").querySelector("iframe:not(.hidden)");
  if (frame) fit(frame);
  place();
});

await showMonth();
await refresh();
markAll(state.count);
listen();
