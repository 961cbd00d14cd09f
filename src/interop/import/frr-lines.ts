/** A line of a configuration of Quagga or FRR. */
export interface FrrLine {
  readonly line: number;
  readonly words: readonly string[];
  /** The lines of a section such as `router bgp 65002`. */
  readonly inner: readonly FrrLine[];
}

/** Words that begin a section, and words that begin one inside `router bgp`. */
const sections =
  /^(router|route-map|line|interface|vrf|rpki|bfd|key|ip sla|segment-routing|pbr-map|l2vpn|nexthop-group) ?/;
const innerSections = /^(address-family|vnc|segment-routing|bmp) ?/;
const exits = new Set(['exit', 'exit-address-family', 'exit-vrf', 'end', 'quit', 'exit-route-map']);

/** Returns the lines in their sections. Indentation has no meaning, as in the daemons. */
export function frrLines(text: string): FrrLine[] {
  const top: FrrLine[] = [];
  let section: FrrLine[] | undefined;
  let inner: FrrLine[] | undefined;
  for (const [at, raw] of text.split('\n').entries()) {
    const bare = raw.replace(/^\s*[!#].*$/, '').trim();
    if (bare === '') continue;
    const words = bare.split(/\s+/);
    const row = { line: at + 1, words, inner: [] as FrrLine[] };
    if (exits.has(bare)) {
      if (inner === undefined) section = undefined;
      inner = undefined;
    } else if (section !== undefined && innerSections.test(bare)) {
      section.push(row);
      inner = row.inner;
    } else if (sections.test(bare)) {
      top.push(row);
      section = row.inner;
      inner = undefined;
    } else if (inner !== undefined) inner.push(row);
    else if (section !== undefined && !topOnly.test(bare)) section.push(row);
    else {
      section = undefined;
      top.push(row);
    }
  }
  return top;
}

/** Words that end a section, because they stand only at the top level. */
const topOnly =
  /^(ip(v6)? (prefix-list|as-path|community-list|large-community-list|extcommunity-list|route|forwarding)|bgp (as-path|community-list|large-community-list|extcommunity-list)|access-list|hostname|log|password|enable|frr|service|debug|username|banner)\b/;
