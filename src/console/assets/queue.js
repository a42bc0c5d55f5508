// Keys and the live count of the queue. Everything here works without it too, and no key decides
// anything: it opens pages and ticks boxes. Whoever speaks to the browser switches the keys off
// (WCAG 2.2, 2.1.4): a spoken word would press many of them.
const KEPT = 'keys';
const keysSwitch = document.querySelector('#keys-switch');
let areKeysOn = true;

function kept() {
  try {
    return localStorage.getItem(KEPT) !== 'off';
  } catch {
    // The browser keeps nothing for us: the switch holds for this page.
    return true;
  }
}

function switchKeys(on) {
  areKeysOn = on;
  keysSwitch.hidden = false;
  keysSwitch.textContent = on ? 'Switch the keys off' : 'Switch the keys on';
}

keysSwitch.addEventListener('click', () => {
  switchKeys(!areKeysOn);
  try {
    localStorage.setItem(KEPT, areKeysOn ? 'on' : 'off');
  } catch {
    // As above.
  }
});
switchKeys(kept());

const rows = [...document.querySelectorAll('[data-case]')];
let current = -1;

function choose(index) {
  if (rows.length === 0) return;
  rows[current]?.classList.remove('app-current');
  current = Math.max(0, Math.min(rows.length - 1, index));
  const row = rows[current];
  row.classList.add('app-current');
  row.querySelector('.app-case-link')?.focus();
  row.scrollIntoView({ block: 'nearest' });
}

function open(anchor) {
  const row = rows[Math.max(0, current)];
  if (row) location.assign(row.dataset.case + anchor);
}

const KEYS = {
  j: () => choose(current + 1),
  k: () => choose(current - 1),
  o: () => open(''),
  r: () => open('#decide'),
  x: () => rows[current]?.querySelector('input[type=checkbox]')?.click(),
  '/': () => document.querySelector('#words')?.focus(),
  '?': () => {
    const help = document.querySelector('#keys')?.closest('details');
    if (!help) return;
    help.open = true;
    help.querySelector('summary').focus();
  },
};

document.addEventListener('keydown', (event) => {
  const isTyping = event.target.closest('input:not([type=checkbox]), textarea, select');
  if (!areKeysOn || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

const line = document.querySelector('#live-count');
const EVERY_MS = 20_000;

async function refresh() {
  if (document.hidden) return;
  const response = await fetch(line.dataset.url, { headers: { accept: 'application/json' } });
  if (!response.ok) return;
  const count = await response.json();
  const numbers = [count.waiting, count.overdue, count.urgent, count.unread];
  line.querySelectorAll('strong').forEach((place, index) => {
    const text = String(numbers[index]);
    if (place.textContent !== text) place.textContent = text;
  });
}

if (line) setInterval(() => void refresh().catch(() => {}), EVERY_MS);
