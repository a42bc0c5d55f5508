import { randomBytes } from 'node:crypto';
import { addAccount, linkUrl, newLink } from './pipeline/officer-accounts.ts';
import type { Road } from './pipeline/road.ts';
import type { OfficerRole } from './policy/permissions.ts';
import { findOfficer } from './store/officers.ts';

const OFFICERS: [name: string, local: string, role: OfficerRole][] = [
  ['Helen Castle', 'monitoring.officer', 'monitoring-officer'],
  ['Tom Hale', 'tom.hale', 'deputy-monitoring-officer'],
  ['Priya Nair', 'priya.nair', 'data-protection-officer'],
  ['Sam Whitlock', 'sam.whitlock', 'ict'],
  ['Joan Pettifer', 'joan.pettifer', 'democratic-services'],
  ['Carys Bowen', 'carys.bowen', 'internal-audit'],
  ['Devon Marsh', 'devon.marsh', 'policy-author'],
  ['Ruth Ellery', 'ruth.ellery', 'administrator'],
];

/** The demo's officers, each with a link that signs in once: role and address. */
export async function demoSignInLinks(
  road: Road,
  council: string,
  publicUrl: string,
): Promise<{ role: string; url: string }[]> {
  const { db, clock, policy, directory } = road;
  const random = (bytes: number): Uint8Array => randomBytes(bytes);
  const world = { db, clock, random, policy, directory };
  const links: { role: string; url: string }[] = [];
  for (const [name, local, role] of OFFICERS) {
    const address = `${local}@${council}.gov.uk`;
    const known = await findOfficer(db, { login: address });
    const roles = [{ council, role }];
    const added =
      known ?? (await addAccount(world, { name, addresses: [address], roles, by: 'demo' }));
    const id = 'id' in added ? added.id : added.kind === 'done' ? added.officer.id : null;
    if (id === null) throw new Error(`The demo officer "${role}" was refused`);
    links.push({ role, url: linkUrl(publicUrl, await newLink(world, id, 'demo')) });
  }
  return links;
}
