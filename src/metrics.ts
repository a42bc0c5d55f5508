import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Log } from './log.ts';

/**
 * The gateway's own figures, under Prometheus names. Labels are closed words, never addresses or
 * ids.
 */
export interface Metrics {
  registry: Registry;
  /** The same log, which counts what it says: one vocabulary for both. */
  counting(log: Log): Log;
}

/**
 * @param backlog read at each scrape: recipients by status that wait, from the record
 * @param waiting jobs by kind that wait in Redis, `null` while it is away
 * @param scannerUp whether the malware scanner answered last, `null` where none was asked
 */
export function createMetrics(
  backlog: () => Promise<Record<string, number>>,
  waiting: () => Promise<Record<string, number> | null>,
  scannerUp: () => boolean | null,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const events = new Counter({
    name: 'portreeve_events_total',
    help: 'Events of the road, by the word that the log uses',
    labelNames: ['event'],
    registers: [registry],
  });
  const decisions = new Counter({
    name: 'portreeve_decisions_total',
    help: 'Decided messages by strictest gate and protection',
    labelNames: ['gate', 'protection'],
    registers: [registry],
  });
  const deliveries = new Counter({
    name: 'portreeve_deliveries_total',
    help: 'Deliveries by the level of protection that was proven (L0 to L4)',
    labelNames: ['level'],
    registers: [registry],
  });
  const recipients = new Gauge({
    name: 'portreeve_recipients',
    help: 'Recipients in custody by status',
    labelNames: ['status'],
    registers: [],
    async collect() {
      this.reset();
      for (const [status, count] of Object.entries(await backlog())) this.set({ status }, count);
    },
  });
  registry.registerMetric(recipients);
  const jobs = new Gauge({
    name: 'portreeve_jobs_waiting',
    help: 'Wake-up calls that wait in Redis by kind; absent while Redis is away',
    labelNames: ['kind'],
    registers: [],
    async collect() {
      this.reset();
      for (const [kind, count] of Object.entries((await waiting()) ?? {})) {
        this.set({ kind }, count);
      }
    },
  });
  registry.registerMetric(jobs);
  const scanner = new Gauge({
    name: 'portreeve_malware_scanner_up',
    help: '1 where the malware scanner answered last, 0 where mail waits for it',
    registers: [],
    collect() {
      const up = scannerUp();
      if (up === null) this.remove();
      else this.set(up ? 1 : 0);
    },
  });
  registry.registerMetric(scanner);
  return { registry, counting: (log) => countingLog(log, { events, decisions, deliveries }) };
}

interface Counters {
  events: Counter;
  decisions: Counter;
  deliveries: Counter;
}

function countingLog(log: Log, { events, decisions, deliveries }: Counters): Log {
  return {
    ...log,
    reception: (event) => {
      events.inc({ event: 'reception' });
      log.reception(event);
    },
    rejection: (event) => {
      events.inc({ event: 'rejection' });
      log.rejection(event);
    },
    decision: (event) => {
      decisions.inc({ gate: event.gate, protection: event.protection });
      log.decision(event);
    },
    delivery: (event) => {
      deliveries.inc({ level: event.level });
      log.delivery(event);
    },
    transientFailure: (event) => {
      events.inc({ event: 'transient-failure' });
      log.transientFailure(event);
    },
    bounce: (event) => {
      events.inc({ event: 'bounce' });
      log.bounce(event);
    },
    expiration: (event) => {
      events.inc({ event: 'expiration' });
      log.expiration(event);
    },
    electionAlarm: (event) => {
      events.inc({ event: 'election-alarm' });
      log.electionAlarm(event);
    },
    fault: (part, error, ids) => {
      events.inc({ event: 'fault' });
      log.fault(part, error, ids);
    },
  };
}
