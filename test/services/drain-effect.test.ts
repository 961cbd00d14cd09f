import { describe, expect, it } from 'vitest';
import {
  type EffectFacts,
  effectOf,
  type Offer,
  type RouterFacts,
} from '#services/drain-effect.ts';

/** A route to w1, the node that is drained, or to another. */
function offer(node: string, med: number, given: Partial<Offer> = {}): Offer {
  return {
    from: 'ours',
    leadsToNode: node === 'w1',
    text: `${node} with MED ${med}`,
    asPathLength: 1,
    origin: 0,
    med,
    neighbourAs: 65001,
    ...given,
  };
}

const er2: RouterFacts = { router: 'ER2', isUp: true, received: 'yes', sent: offer('w2', 200) };
const rs4 = { name: 'RS4', isRequired: true };
const extra = { name: 'RS6', isRequired: false };

interface Row {
  readonly name: string;
  readonly router?: Partial<RouterFacts>;
  readonly facts?: Partial<EffectFacts>;
  readonly want: string;
}

const rows: readonly Row[] = [
  {
    name: 'the router shows that it uses another node',
    router: { best: offer('w3', 300), received: 'unknown' },
    want: 'yes seen: its best route is w3 with MED 300',
  },
  {
    name: 'the router shows that it still uses the node, whatever follows from what it was sent',
    router: { best: offer('w1', 100) },
    facts: { isSole: true },
    want: 'no seen: its best route is w1 with MED 100',
  },
  {
    name: 'we still send the node: nothing else is there',
    router: { sent: offer('w1', 100) },
    facts: { isSole: true },
    want: 'no inferred: this server sends w1 with MED 100',
  },
  {
    name: 'the only route server, received',
    facts: { isSole: true },
    want: 'yes inferred: this server sends w2 with MED 200',
  },
  {
    name: 'the only route server, not known to be received',
    router: { received: 'unknown' },
    facts: { isSole: true },
    want: 'unknown: its kernel is not known to have received the change',
  },
  {
    name: 'nobody has said that there is no other route server',
    want: 'unknown: other route servers are not observed (siblings, sole_route_server)',
  },
  {
    name: 'a sibling that sends another node',
    facts: { siblings: [{ ...rs4, best: offer('w2', 200) }] },
    want: 'yes inferred: this server sends w2 with MED 200; RS4 does not send the node either',
  },
  {
    name: 'a sibling that has no route',
    facts: { siblings: [rs4] },
    want: 'yes inferred: this server sends w2 with MED 200; RS4 does not send the node either',
  },
  {
    name: 'a sibling that is not heard',
    facts: { siblings: [{ ...rs4, unknown: 'its observer session is down' }] },
    want: 'unknown: RS4: its observer session is down',
  },
  {
    name: 'a sibling that still sends the node, with a lower MED',
    facts: { siblings: [{ ...rs4, best: offer('w1', 100) }] },
    want: 'no inferred: RS4 sends w1 with MED 100',
  },
  {
    name: 'a sibling that still sends the node, with a higher MED: it has not seen the drain',
    facts: { siblings: [{ ...rs4, best: offer('w1', 900) }] },
    want: 'no inferred: RS4 sends w1 with MED 900',
  },
  {
    name: 'a tie',
    facts: { siblings: [{ ...rs4, best: offer('w1', 200) }] },
    want: 'no inferred: tie: RS4 sends w1 with MED 200',
  },
  {
    name: 'MEDs of different neighbour ASes',
    facts: { siblings: [{ ...rs4, best: offer('w1', 900, { neighbourAs: 65009 }) }] },
    want: 'unknown: MED not comparable: RS4 sends w1 with MED 900, with another neighbour AS',
  },
  {
    name: 'an observer that is no sibling of ours, beaten by what we send',
    facts: { isSole: true, siblings: [{ ...extra, best: offer('w1', 900) }] },
    want: 'yes inferred: this server sends w2 with MED 200',
  },
  {
    name: 'an observer that is no sibling of ours, not beaten',
    facts: { isSole: true, siblings: [{ ...extra, best: offer('w1', 100) }] },
    want: 'no inferred: RS6 sends w1 with MED 100',
  },
  {
    name: 'a longer AS path, whatever the MED and the neighbour AS',
    facts: {
      isSole: true,
      siblings: [{ ...extra, best: offer('w1', 0, { asPathLength: 2, neighbourAs: 65009 }) }],
    },
    want: 'yes inferred: this server sends w2 with MED 200',
  },
  {
    name: 'what one sibling offers beats what another does',
    router: { sent: offer('w2', 950) },
    facts: {
      isSole: true,
      siblings: [
        { ...extra, best: offer('w1', 900) },
        { ...extra, name: 'RS7', best: offer('w3', 300) },
      ],
    },
    want: 'yes inferred: this server sends w2 with MED 950',
  },
  {
    name: 'a router that is down here, whose other route servers send another node',
    router: { isUp: false, received: 'unknown' },
    facts: { siblings: [{ ...rs4, best: offer('w2', 200) }] },
    want: 'yes inferred: its session with this server is down; RS4 does not send the node either',
  },
];

describe('the effect of a drain', () => {
  it.each(rows)('$name', ({ router, facts, want }) => {
    const routers = [{ ...er2, ...router }];
    const [row] = effectOf({ siblings: [], isSole: false, ...facts, routers });
    const { effect, basis, why } = row;
    expect(`${[effect, ...(basis === undefined ? [] : [basis])].join(' ')}: ${why}`).toBe(want);
  });
});
