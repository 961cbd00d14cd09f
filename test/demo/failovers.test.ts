import { describe, expect, test } from 'vitest';
import { Failovers } from '#demo/failovers.ts';

const service = '2001:db8:30::1/128';

function served(by: string): Failovers {
  const failovers = new Failovers(['ER2', 'DR6']);
  failovers.held(service, 'ER2', by, 0);
  failovers.held(service, 'DR6', by, 0);
  return failovers;
}

describe('failovers', () => {
  test('the first table is a move from no node', () => {
    const failovers = new Failovers(['ER2', 'DR6']);
    expect(failovers.held(service, 'ER2', 'W3', 5)).toBeUndefined();
    expect(failovers.held(service, 'DR6', 'W3', 6)).toEqual({ service, from: undefined, to: 'W3' });
    expect(failovers.server(service)).toBe('W3');
  });

  test('a move ends when the last router has followed, and its time counts from its cause', () => {
    const failovers = served('W3');
    failovers.caused('W3', 1000);
    expect(failovers.held(service, 'ER2', 'W2', 1002)).toBeUndefined();
    expect(failovers.server(service)).toBe('W3');
    expect(failovers.held(service, 'DR6', 'W2', 1003)).toEqual({
      service,
      from: 'W3',
      to: 'W2',
      tookMs: 3,
    });
  });

  test('an action on a third node is not the cause of a move', () => {
    const failovers = served('W3');
    failovers.caused('W1', 1000);
    failovers.held(service, 'ER2', 'W2', 1002);
    expect(failovers.held(service, 'DR6', 'W2', 1003)).toEqual({ service, from: 'W3', to: 'W2' });
  });

  test('the return of a node is a cause too', () => {
    const failovers = served('W2');
    failovers.caused('W3', 1000);
    failovers.held(service, 'ER2', 'W3', 1200);
    expect(failovers.held(service, 'DR6', 'W3', 1250)?.tookMs).toBe(250);
  });

  test('an action long ago is not the cause of a move', () => {
    const failovers = served('W3');
    failovers.caused('W3', 1000);
    failovers.held(service, 'ER2', 'W2', 60_000);
    expect(failovers.held(service, 'DR6', 'W2', 60_000)?.tookMs).toBeUndefined();
  });

  test('the loss of the last node is a move to no node', () => {
    const failovers = served('W3');
    failovers.caused('W3', 10);
    failovers.held(service, 'ER2', undefined, 11);
    const move = failovers.held(service, 'DR6', undefined, 12);
    expect(move).toEqual({ service, from: 'W3', to: undefined, tookMs: 2 });
    expect(failovers.server(service)).toBeUndefined();
  });
});
