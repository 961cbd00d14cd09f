import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { sdNotify } from '#net/sd-notify.ts';
import { Closer, until } from './support.ts';

const closer = new Closer();
afterEach(() => closer.close());

describe('sdNotify', () => {
  it.each(['path', 'abstract'])('reaches a %s socket', async (kind) => {
    const folder = mkdtempSync('/tmp/fingerpost-notify-');
    closer.add(() => rmSync(folder, { recursive: true }));
    const path = kind === 'path' ? join(folder, 'notify') : `@fingerpost-test-${process.pid}`;
    const receiver = spawn('perl', ['-MSocket', '-e', notifyReceiver, path]);
    closer.add(() => receiver.kill());
    let heard = '';
    receiver.stdout.on('data', (chunk) => (heard += String(chunk)));
    await until(() => heard === 'bound\n');
    expect(sdNotify('READY=1', [], path)).toBe(true);
    await until(() => heard === 'bound\nREADY=1');
  });

  it('without NOTIFY_SOCKET does nothing', () => {
    expect(sdNotify('READY=1', [], undefined)).toBe(false);
    expect(sdNotify('READY=1', [], '')).toBe(false);
  });

  it('reports a socket without a listener', () => {
    expect(() => sdNotify('READY=1', [], '/nonexistent/notify')).toThrow('sendmsg');
  });
});

/** Binds a Unix datagram socket and prints the first datagram: Node has none of these. */
const notifyReceiver = `
  $| = 1; ($path = $ARGV[0]) =~ s/^@/\\0/;
  socket(S, AF_UNIX, SOCK_DGRAM, 0) or die;
  bind(S, pack_sockaddr_un($path)) or die;
  print "bound\\n"; recv(S, $datagram, 100, 0); print $datagram;
`;
