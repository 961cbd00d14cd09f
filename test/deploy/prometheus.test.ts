import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { bench } from '../http/app.ts';
import { groupingLabels, metricsOf } from './promql.ts';

const deploy = new URL('../../deploy/', import.meta.url).pathname;
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
if (!hasPromtool) console.warn('deploy: the alert rules are not tried: promtool is missing');

interface Rule {
  readonly alert: string;
  readonly expr: string;
}
interface RuleTest {
  readonly alert_rule_test: readonly { alertname: string; exp_alerts: readonly unknown[] }[];
}

function yaml<Shape>(file: string): Shape {
  return parse(readFileSync(`${deploy}${file}`, 'utf8'));
}

const { groups } = yaml<{ groups: { rules: Rule[] }[] }>('prometheus/rules.yml');
const rules = groups.flatMap((group) => group.rules);
const { tests } = yaml<{ tests: RuleTest[] }>('prometheus/rules_test.yml');

/** Each `expr` of a dashboard, where it stands. */
function* expressionsIn(value: unknown, title = ''): Generator<readonly [string, string]> {
  if (typeof value !== 'object' || value === null) return;
  const own = 'title' in value && typeof value.title === 'string' ? value.title : title;
  if ('expr' in value && typeof value.expr === 'string') yield [own, value.expr];
  for (const part of Object.values(value)) yield* expressionsIn(part, own);
}

const dashboard: unknown = JSON.parse(readFileSync(`${deploy}grafana/fingerpost.json`, 'utf8'));
const panels = [...expressionsIn(dashboard)];
const asked = [
  ...rules.map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
  ...panels.map(([title, expr]) => [`panel ${title}`, expr] as const),
];

/** Metrics of the page with the labels that their samples carry; a histogram by its three names. */
async function exported(): Promise<Map<string, Set<string>>> {
  await using running = await bench();
  const page = (await running.app.inject('/metrics')).body;
  const metrics = new Map<string, Set<string>>([['up', new Set()]]);
  const metric = (name: string): Set<string> =>
    metrics.get(name) ?? metrics.set(name, new Set()).get(name) ?? new Set();
  for (const [, name, type] of page.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const suffix of suffixes) metric(`${name}${suffix}`);
  }
  for (const [, name, labels = ''] of page.matchAll(/^([a-z]\w*)(\{.*\})? \S+$/gm)) {
    for (const [, label] of labels.matchAll(/(\w+)="/g)) metric(name).add(label);
  }
  return metrics;
}

/** Labels of the scrape, not of the page. */
const ofTarget = ['instance', 'job'];

describe('alerts and panels', () => {
  test('use only metrics that the daemon exports', async () => {
    const metrics = await exported();
    const missing = asked.flatMap(([who, expr]) =>
      metricsOf(expr)
        .filter(({ metric }) => !metrics.has(metric))
        .map(({ metric }) => `${who}: ${metric}`),
    );
    expect(missing).toEqual([]);
  });

  test('select and group only by labels that the metrics have', async () => {
    const metrics = await exported();
    const strangers = asked.flatMap(([who, expr]) => {
      const used = metricsOf(expr);
      const known = new Set([
        ...ofTarget,
        ...used.flatMap(({ metric }) => [...(metrics.get(metric) ?? [])]),
      ]);
      const chosen = used.flatMap(({ metric, labels }) =>
        labels.filter((label) => !ofTarget.includes(label) && !metrics.get(metric)?.has(label)),
      );
      const grouped = groupingLabels(expr).filter((label) => !known.has(label));
      return [...chosen, ...grouped].map((label) => `${who}: ${label}`);
    });
    expect(strangers).toEqual([]);
  });

  test('are found by the parser of expressions', () => {
    expect(metricsOf('sum by(a, b) (rate(x_total{k="v", l=~"(m)"}[5m])) / on(c) y > 0.5')).toEqual([
      { metric: 'x_total', labels: ['k', 'l'] },
      { metric: 'y', labels: [] },
    ]);
    expect(groupingLabels('sum by(a, b) (x) / on(c) y')).toEqual(['a', 'b', 'c']);
    expect(panels.length).toBeGreaterThan(20);
  });
});

describe('alert rules', () => {
  test.each(rules)('$alert has a test in which it fires, and one in which it does not', (rule) => {
    const outcomes = tests
      .flatMap((each) => each.alert_rule_test)
      .filter(({ alertname }) => alertname === rule.alert)
      .map(({ exp_alerts: alerts }) => alerts.length > 0);
    expect(new Set(outcomes)).toEqual(new Set([true, false]));
  });

  test.runIf(hasPromtool).each([
    ['check', 'rules', 'rules.yml'],
    ['test', 'rules', 'rules_test.yml'],
    ['check', 'config', 'prometheus.yml'],
  ])('promtool %s %s %s', (...argv) => {
    const cwd = `${deploy}prometheus`;
    const { status, stderr } = spawnSync('promtool', argv, { cwd, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('the dashboard', () => {
  test.runIf(hasPromtool)('has expressions that Prometheus can read', () => {
    const recorded = panels.map(([, expr], at) => ({
      record: `panel_${at}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*'),
    }));
    const folder = mkdtempSync(join(tmpdir(), 'fingerpost-panels-'));
    const file = join(folder, 'panels.json');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules: recorded }] }));
    const { status, stderr } = spawnSync('promtool', ['check', 'rules', file], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    expect([status, stderr]).toEqual([0, '']);
  });

  test('has panels with unique ids, which do not overlap', () => {
    const { panels: all } = JSON.parse(readFileSync(`${deploy}grafana/fingerpost.json`, 'utf8'));
    const ids = all.map(({ id }: { id: number }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = all.flatMap(({ gridPos }: { gridPos: Record<'x' | 'y' | 'w' | 'h', number> }) => {
      const { x, y, w, h } = gridPos;
      return Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });
});
