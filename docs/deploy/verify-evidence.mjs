#!/usr/bin/env node
// Checks a file of `portreeve evidence QUEUE_ID` without Portreeve: needs Node 18 or later and nothing else.
//
//     node verify-evidence.mjs evidence.json audit.pub
//
// audit.pub is the council's published key. Take it from the council's publication, never from whoever
// handed you the evidence. Exit code 0: everything below holds. 1: something does not, and is printed.
//
//  1. The file is signed by the key.
//  2. Each certificate has the SHA-256 that its audit row states, and row, file and certificate agree.
//  3. The audit row's SHA-256 is among the row hashes of its batch; the batch's hash is the SHA-256 of the
//     previous batch's hash and all row hashes; the batch is signed by the key.
//  4. The server's certificate has the fingerprint stated, its chain is signed link by link and was valid
//     at that time, it bears the server's name, and what proved it (MTA-STS policy, TLSA record, the
//     council's own list) covers that server. For OpenPGP: a key is named.
//
// Not checked: whether the last certificate of the chain was trusted then (its subject is printed), nor what
// stood in DNS: the TLSA record and the policy are as the gateway saw them and signed it.
import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

const FORMAT = 'portreeve evidence v1';

/** Sorted keys, no white space: equal values give equal bytes. */
function canonical(value) {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** Strict: two spellings of the same bytes would be two files that both verify. */
function base64(text) {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new Error('a value is not base64');
  return bytes;
}

const sha256 = (data) => createHash('sha256').update(data).digest();
const hex = (data) => sha256(data).toString('hex');

function check(file, key) {
  const problems = [];
  const must = (holds, problem) => void (holds || problems.push(problem));
  must(file.format === FORMAT, `This is no ${FORMAT}`);
  must(Object.keys(file).sort().join() === 'evidence,format,signature', 'The file holds other things');
  const { evidence } = file;
  must(
    verify(null, Buffer.from(`${FORMAT}\n${canonical(evidence)}`), key, base64(file.signature)),
    'The signature is not by this key, or the file was changed',
  );
  must(evidence.deliveries.length > 0, 'It is about nobody');
  for (const delivery of evidence.deliveries) {
    const about = `Recipient ${delivery.certificate.recipientId}: `;
    const holds = (holding, problem) => must(holding, about + problem);
    holds(delivery.certificate.queueId === evidence.queueId, 'is about another message');
    checkTrail(delivery, evidence.batches, key, holds);
    checkProtection(delivery.certificate, holds);
  }
  return problems;
}

function checkTrail({ certificate, auditRow, batch: batchId }, batches, key, holds) {
  const [, , event, queueId, recipientId, , data] = JSON.parse(auditRow);
  holds(event === 'delivery' && queueId === certificate.queueId, 'the audit row is about something else');
  holds(
    recipientId === certificate.recipientId && data.protectedBy === certificate.protectedBy,
    'the audit row is about another delivery',
  );
  holds(data.certificateSha256 === hex(canonical(certificate)), 'the certificate is not the one that was sealed');
  const batch = batches.find(({ id }) => id === batchId);
  if (!batch) return holds(false, 'the batch of its audit row is missing');
  holds(batch.rowHashes.includes(hex(auditRow)), 'the audit row is not in its batch');
  holds(batch.rowHashes.length === batch.rows, 'the batch has another number of rows');
  const rows = [batch.previousHash, ...batch.rowHashes].map((hash) => Buffer.from(hash, 'hex'));
  holds(hex(Buffer.concat(rows)) === batch.hash, 'a row of the batch was changed');
  const { id, sealedAt, rows: count, hash, previousHash } = batch;
  const signed = ['portreeve audit v2', id, sealedAt, count, hash, previousHash, ''].join('\n');
  holds(
    verify(null, Buffer.from(signed), key, base64(batch.signature)),
    'the signature of the batch is not by this key',
  );
}

function checkProtection({ protectedBy, openpgp, transport, proof, recipient }, holds) {
  const chain = proof.certificateChain.map((der) => new X509Certificate(base64(der)));
  const { provedBy, level } = transport;
  holds(
    (chain[0] ? hex(chain[0].raw) : null) === transport.certificateSha256,
    'the chain does not begin with the certificate of that fingerprint',
  );
  holds((proof.policy?.kind ?? 'none') === provedBy, 'the policy is not the one that proved it');
  if (provedBy !== 'none') checkChannel({ transport, proof, recipient }, chain, holds);
  if (protectedBy === 'openpgp') holds(openpgp !== null, 'no OpenPGP key is named');
  else if (protectedBy !== 'sender-encryption') {
    holds(provedBy !== 'none' && protectedBy === `${level} ${provedBy}`, 'the channel is not what protected it');
  }
}

function checkChannel({ transport, proof, recipient }, chain, holds) {
  const { policy, names } = proof;
  const at = Date.parse(transport.at);
  holds(/^TLSv1\.[23]$/.test(transport.protocol), 'TLS was older than 1.2');
  holds(
    transport.level === (policy.kind === 'pkix-accepted' ? 'L2' : 'L3'),
    'the level does not follow from the proof',
  );
  if (policy.kind === 'dane') {
    holds(policy.name.endsWith(`._tcp.${transport.mxHost}`), 'TLSA of another host');
    const fits = policy.records.some((record) => tlsaFits(record, chain, names, at));
    return holds(fits, 'the chain does not match the TLSA records');
  }
  if (policy.kind === 'mta-sts') {
    const names = [...policy.text.matchAll(/^mx[ \t]*:[ \t]*(\S+)/gm)].map(([, name]) => name.toLowerCase());
    const enforced = /^mode[ \t]*:[ \t]*enforce[ \t]*$/m.test(policy.text.replaceAll('\r', ''));
    holds(
      enforced && names.some((name) => covers(name, transport.mxHost)),
      'the MTA-STS policy does not name this host',
    );
  }
  if (policy.kind === 'pkix-accepted') {
    const domain = recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase();
    const below = (name) => name === policy.accepted || name.endsWith(`.${policy.accepted}`);
    holds(
      policy.accepted !== '' && (below(domain) || below(transport.mxHost)),
      'what the council accepts is another domain',
    );
  }
  holds(bears(chain[0], names.slice(0, 1)), 'the certificate is for another name');
  holds(isLinked(chain, at), 'the chain is not signed link by link, or was not valid at that time');
}

/** RFC 8461 §4.1: `*.` stands for exactly one label. */
function covers(pattern, host) {
  return pattern.startsWith('*.') ? host.slice(host.indexOf('.') + 1) === pattern.slice(2) : host === pattern;
}

function bears(leaf, names) {
  const named = (name) => (isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name));
  return leaf !== undefined && names.some((name) => named(name) !== undefined);
}

function isLinked(chain, at) {
  return chain.every((certificate, depth) => {
    const issuer = chain[depth + 1];
    const valid = at >= Date.parse(certificate.validFrom) && at <= Date.parse(certificate.validTo);
    return valid && (!issuer || (certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)));
  });
}

/** RFC 6698 §2.1, RFC 7672 §3.1: 3 is the server's own certificate, 2 one above it. */
function tlsaFits(record, chain, names, at) {
  const [usage, selector, matching, expected] = record.split(' ');
  const isSame = (certificate) => {
    const whole = selector === '0';
    const content = whole ? certificate.raw : certificate.publicKey.export({ type: 'spki', format: 'der' });
    const digest = (algorithm) => createHash(algorithm).update(content).digest('hex');
    const found = { 0: content.toString('hex'), 1: digest('sha256'), 2: digest('sha512') };
    return (selector === '0' || selector === '1') && found[matching] === expected;
  };
  if (usage === '3') return chain.length > 0 && isSame(chain[0]);
  const depth = chain.findIndex((certificate, index) => index > 0 && isSame(certificate));
  return usage === '2' && depth > 0 && bears(chain[0], names) && isLinked(chain.slice(0, depth + 1), at);
}

function main([file, keyFile]) {
  if (!file || !keyFile) {
    console.error('Usage: node verify-evidence.mjs evidence.json audit.pub');
    return 2;
  }
  let problems;
  let evidence;
  try {
    const parsed = JSON.parse(readFileSync(file, 'utf8'));
    problems = check(parsed, createPublicKey(readFileSync(keyFile, 'utf8')));
    evidence = parsed.evidence;
  } catch (error) {
    problems = [`The file cannot be read: ${error.message}`];
  }
  for (const problem of problems) console.log(problem);
  if (problems.length > 0) return 1;
  for (const { certificate } of evidence.deliveries) {
    const { recipient, protectedBy, deliveredAt, messageSha256, proof, reply } = certificate;
    const last = proof.certificateChain.at(-1);
    console.log(`Proven: ${recipient}, ${protectedBy}, ${deliveredAt}, message ${messageSha256}, reply ${reply}`);
    if (last) {
      const { subject } = new X509Certificate(Buffer.from(last, 'base64'));
      console.log(`  the chain ends at ${subject.replaceAll('\n', ', ')}`);
    }
  }
  return 0;
}

process.exitCode = main(process.argv.slice(2));
