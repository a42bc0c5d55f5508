import path from 'node:path';
import { fileURLToPath } from 'node:url';
import nunjucks from 'nunjucks';

const VIEWS = fileURLToPath(new URL('./views', import.meta.url));
const GOVUK = path.join(
  path.dirname(fileURLToPath(import.meta.resolve('govuk-frontend/package.json'))),
  'dist',
);

/** Renders a template with its data as HTML; all is escaped unless it is a macro's output. */
export type Render = (name: string, data: Record<string, unknown>) => string;

/** The templates of `views/` over those of the design system. */
export function createRender(): Render {
  const loader = new nunjucks.FileSystemLoader([VIEWS, GOVUK]);
  const environment = new nunjucks.Environment(loader, { autoescape: true, trimBlocks: true });
  environment.addFilter('date', (value: Date | null) => (value ? londonDay(value) : ''));
  environment.addFilter('time', (value: Date | null) => (value ? londonMoment(value) : ''));
  environment.addFilter('iso', (value: Date | null) => value?.toISOString() ?? '');
  environment.addFilter('role', roleWords);
  environment.addFilter('mailbox', (address: string) =>
    mailbox(address, environment.getFilter('escape')),
  );
  environment.addFilter('fingerprint', (text: string) => text.replace(/(.{4})(?=.)/g, '$1 '));
  return (name, data) => environment.render(`${name}.njk`, data);
}

/** An address that a narrow column breaks before its @, not in the middle of a name. */
function mailbox(address: string, escape: (text: string) => unknown): unknown {
  const parts = address.split('@').map((part) => String(escape(part)));
  return new nunjucks.runtime.SafeString(parts.join('<wbr>@'));
}

const DAY = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const CLOCK = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  hour: 'numeric',
  minute: '2-digit',
  hour12: true,
});

/** `26 November 2026`, in London. */
export function londonDay(at: Date): string {
  return DAY.format(at);
}

/** `26 November 2026 at 9:05am`, in London; the day alone where nobody gave a time. */
export function londonMoment(at: Date): string {
  if (isMidnight(at)) return londonDay(at);
  return `${DAY.format(at)} at ${CLOCK.format(at).replace(/\s/gu, '').toLowerCase()}`;
}

/** To the millisecond: a day that was entered, not a moment that was noted. */
function isMidnight(at: Date): boolean {
  return (
    at.getTime() % 60_000 === 0 &&
    CLOCK.format(at).startsWith('12:00') &&
    /am/i.test(CLOCK.format(at))
  );
}

/** `monitoring-officer` as `Monitoring Officer`. */
export function roleWords(role: string): string {
  if (role === 'ict') return 'ICT';
  return role
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}
