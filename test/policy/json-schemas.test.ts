import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonSchemas } from '../../src/policy/json-schemas.ts';

const POLICIES = path.resolve(import.meta.dirname, '../../policies');
const schemas = jsonSchemas();

describe('the JSON Schemas that editors use', () => {
  for (const [name, text] of Object.entries(schemas)) {
    // Generated: npx vitest run test/policy/json-schemas.test.ts -u
    it(`policies/schema/${name} is what the loader checks with`, async () => {
      await expect(text).toMatchFileSnapshot(path.join(POLICIES, 'schema', name));
    });
  }

  it('leave no file in their folder that nothing generates', () => {
    const found = readdirSync(path.join(POLICIES, 'schema')).sort();
    expect(found).toEqual(Object.keys(schemas).sort());
  });

  it('refuse unknown keys and say which words are allowed', () => {
    const rule = JSON.parse(schemas['rule.json'] ?? '{}');
    expect(rule.additionalProperties).toBe(false);
    expect(rule.properties.area.enum).toContain('political');
    expect(rule.required).toEqual(['id', 'why', 'area', 'when', 'examples']);
    const council = JSON.parse(schemas['council.json'] ?? '{}');
    const clause = council.properties.clauses.items;
    expect(clause.additionalProperties).toBe(false);
    expect(clause.properties.gate.enum).toEqual(expect.arrayContaining(['hold', 'divert']));
    expect(
      council.properties.settings.properties.supportHours.properties.from.pattern,
    ).toBeTruthy();
  });

  it('are named by the files whose first line names one', () => {
    const folders = ['.', 'rules', 'councils', 'elections', 'lists'];
    const named = folders.flatMap((folder) =>
      readdirSync(path.join(POLICIES, folder))
        .filter((name) => name.endsWith('.yaml'))
        .flatMap((name) => {
          const text = readFileSync(path.join(POLICIES, folder, name), 'utf8');
          const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1];
          return schema ? [path.join(POLICIES, folder, schema)] : [];
        }),
    );
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((file) => !existsSync(file))).toEqual([]);
  });
});
