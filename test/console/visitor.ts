/** What came back, with its text read. */
export interface Seen {
  status: number;
  headers: Headers;
  text: string;
  /** Where a redirect leads, as a path. */
  location: string | null;
}

/** A browser without scripts: keeps cookies and the form token of the last page. */
export interface Visitor {
  get(path: string, headers?: Record<string, string>): Promise<Seen>;
  /** Sends a form with the token of the last page, unless `fields` has another. */
  post(
    path: string,
    fields: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<Seen>;
  send(path: string, init: RequestInit): Promise<Seen>;
  /** By name; a test may copy or change them. */
  cookies: Map<string, string>;
}

/**
 * @param address as the proxy before the console would give it; another one with each request where
 *   it is left out, so that limits of rate do not stand in the way of a test
 */
export function createVisitor(url: string, address?: string): Visitor {
  const cookies = new Map<string, string>();
  let token = '';
  const send = async (path: string, init: RequestInit): Promise<Seen> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url + path, {
      redirect: 'manual',
      ...init,
      headers: {
        'x-forwarded-for': address ?? anyAddress(),
        ...(cookie ? { cookie } : {}),
        ...(init.headers as Record<string, string>),
      },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    const text = await response.text();
    token = /name="_token" value="([^"]+)"/.exec(text)?.[1] ?? token;
    const location = response.headers.get('location')?.replace(url, '') ?? null;
    return { status: response.status, headers: response.headers, text, location };
  };
  return {
    cookies,
    send,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, fields, headers = {}) =>
      send(path, {
        method: 'POST',
        body: new URLSearchParams({ _token: token, ...fields }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      }),
  };
}

let requests = 0;
function anyAddress(): string {
  requests += 1;
  return `10.${(requests >> 16) & 255}.${(requests >> 8) & 255}.${requests & 255}`;
}
