/** A metric in an expression, and the labels by which it is selected or grouped. */
export interface Asked {
  readonly metric: string;
  /** The labels in the braces after the name. */
  readonly labels: readonly string[];
}

const duration = /\[[^\]]*\]/g;
const text = /"(?:[^"\\]|\\.)*"/g;
const grouping = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const name = /\b([a-z_][a-z0-9_]*)\b\s*(\(|\{[^}]*\})?/g;
const words = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);

/** Returns the metrics of a PromQL expression with the labels by which each is selected. */
export function metricsOf(expression: string): Asked[] {
  const bare = expression.replaceAll(text, '""').replaceAll(duration, '').replaceAll(grouping, ' ');
  return [...bare.matchAll(name)].flatMap(([, metric, behind = '']) => {
    if (behind === '(' || words.has(metric)) return [];
    const labels = [...behind.matchAll(/([a-z_]+)\s*[=!]/g)].map(([, label]) => label);
    return [{ metric, labels }];
  });
}

/** The labels by which an expression groups or matches. */
export function groupingLabels(expression: string): string[] {
  const lists = [...expression.replaceAll(text, '""').matchAll(grouping)];
  return lists.flatMap(([, list]) => list.split(',').map((label) => label.trim()));
}
