import { Type } from 'typebox';
import { component, type Component, oneOf, optionalText, ref, type Static } from '../shapes.ts';

export const severities = ['error', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** Something that does not work, will not work, or differs from what other route servers do. */
const DoctorItemSchema = component('DoctorItem', {
  severity: oneOf(severities),
  code: Type.String({ description: 'stable' }),
  peer: optionalText,
  text: Type.String({ description: 'what is wrong' }),
  evidence: Type.String({ description: 'what it is concluded from' }),
  ours: Type.Optional(Type.String({ description: 'what to change in this configuration' })),
  theirs: Type.Optional(Type.String({ description: 'what to change at the peer' })),
});
export type DoctorItem = Static<typeof DoctorItemSchema>;

export const DoctorListSchema = component('DoctorList', {
  items: Type.Array(ref(DoctorItemSchema), { description: 'errors first' }),
});
export type DoctorListView = Static<typeof DoctorListSchema>;

export const doctorComponents: readonly Component[] = [DoctorItemSchema, DoctorListSchema];
