import { z } from 'zod';

// The kinds of value that the files of policies/ are made of.

export const text = z
  .string({ error: 'needs text; put numbers and dates in quotes' })
  .trim()
  .min(1, { error: 'needs some text' });
export const identifier = z.string({ error: 'needs a name' }).regex(/^[a-z][a-z0-9-]*$/, {
  error: 'may hold only small letters, digits and hyphens, as the file name does',
});
export const date = z.iso.date({ error: 'needs a date such as 2026-10-02' });
export const domain = z
  .string({ error: 'needs a domain' })
  .regex(/^(?:[a-z0-9_-]+\.)+[a-z0-9-]+$/, {
    error: 'needs a domain in small letters such as council.gov.uk',
  });
export const address = z.string({ error: 'needs an address' }).regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, {
  error: 'needs an e-mail address',
});
export const guid = z
  .string({ error: 'needs a GUID' })
  .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, {
    error: 'needs a GUID in small letters such as 3de9faa6-9fe1-49b3-9a08-227a296b54a6',
  });
export const yesNo = z.boolean({ error: 'needs true or false' });
export const wholeNumber = z
  .int({ error: 'needs a whole number' })
  .min(1, { error: 'needs at least 1' });
export const texts = z.array(text, { error: 'needs a list' });
