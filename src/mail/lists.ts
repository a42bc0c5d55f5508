/** One party, with the forms in which it appears. Identity alone is never a finding. */
export interface Party {
  name: string;
  /** Words that need political company and a capital (`Labour`, `Reform`). */
  words: string[];
  /** Phrases that are unmistakable (`Liberal Democrats`, `Reform UK`). */
  phrases: string[];
  hashtags: string[];
  domains: string[];
}

/** Shared lists of policies/lists/, one file each, named in kebab-case after the key here. */
export interface Lists {
  /** Domains of providers of personal mail. */
  personalProviders: string[];
  parties: Party[];
  /** Fund-raising and petition platforms. */
  campaignDomains: string[];
  /** Words and phrases that are abusive by themselves. */
  abusiveTerms: string[];
  /** Slurs on a protected characteristic. */
  discriminatoryTerms: string[];
  /** Domains that closed (gsi, gcsx, ...): mail to them is undeliverable. */
  deadDomains: string[];
}
