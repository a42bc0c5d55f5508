import { z } from 'zod';
import { outcomesFile } from './outcomes.ts';
import { calendarFile, councilFile, electionFile, listFiles, ruleFile } from './schema.ts';

/** Schemas of what people write in policies/, by the name of the file below policies/schema/. */
const WRITTEN = {
  rule: ruleFile,
  council: councilFile,
  election: electionFile,
  calendar: calendarFile,
  outcomes: outcomesFile,
  list: listFiles.personalProviders,
  parties: listFiles.parties,
} as const;

/**
 * The JSON Schemas with which editors complete and check (`# yaml-language-server: $schema=`), by
 * name. Generated from the schemas that the loader itself checks with; what only the loader can
 * know (that a named rule exists, say) they leave to `policy check`.
 */
export function jsonSchemas(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(WRITTEN).map(([name, schema]) => {
      const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
      return [`${name}.json`, `${JSON.stringify(json, null, 2)}\n`];
    }),
  );
}
