import { expect, it } from 'vitest';
import type { DoctorItem } from '#api/views/doctor.ts';
import { doctorText } from '#cli/views/doctor.ts';

const silent = (peer: string, evidence: string): DoctorItem => ({
  severity: 'warning',
  code: 'md5_missing_here',
  peer,
  text: 'the peer may use an MD5 key and this side has none',
  evidence,
  ours: 'password, if the peer has one',
});

const warning = (line: number): DoctorItem => ({
  severity: 'warning',
  code: 'configuration',
  text: 'no max_prefix',
  evidence: `fp.yaml:${line}`,
});

const never = 'it has never been connected';

it('doctor prints one block for peers with the same finding, however many they are', () => {
  const peers = Array.from({ length: 7 }, (_, at) => silent(`W${at + 1}`, never));
  expect(doctorText(peers)).toBe(
    `warning: W1, W2, W3, W4, W5 and 2 more: the peer may use an MD5 key and this side has none [md5_missing_here]
  evidence: it has never been connected
  here:     password, if the peer has one`,
  );
});

it('doctor gives one example where the evidence differs, and keeps findings with another remedy apart', () => {
  const other = { ...silent('W3', never), ours: 'password must be the key of the peer' };
  expect(doctorText([silent('W1', 'a'), silent('W2', 'b'), other]).match(/evidence: .*/g)).toEqual([
    'evidence: a; the other is alike',
    `evidence: ${never}`,
  ]);
});

it('doctor does not merge findings about the configuration', () => {
  expect(doctorText([warning(1), warning(2)]).split('\n\n')).toHaveLength(2);
});
