import { afterAll, expect, it } from 'vitest';
import { Network } from '#support/netns.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';

describeInterop('what is printed when a test fails', [], () => {
  const network = new Network();
  afterAll(() => network.close());

  it('has the changes of cables and routes in the kernels, and what the daemons logged, since the test began', async () => {
    network.segment('wire');
    const host = network.host('ER2');
    const cable = network.plug(host, 'eth0', 'wire', ['2001:db8:1::2/64']);
    host.start('talker', ['sh', '-c', 'echo one; sleep 0.5; echo two; exec sleep 60']);
    await waitFor(
      'two lines',
      () => network.logs(),
      (text) => /one\ntwo/.test(text),
    );
    await waitFor(
      'a cable',
      () => network.logs(),
      (text) => /ER2 .*eth0.*state UP/.test(text),
    );

    // Everything that has arrived is from this millisecond or earlier.
    const sinceMs = Date.now() + 1;
    cable.pull();
    host.routes(['2001:db8:30::3 dev lo']);
    const said = await waitFor(
      'both',
      () => network.logs(sinceMs),
      (text) => text.includes('2001:db8:30::3') && /eth0.*NO-CARRIER|state DOWN/.test(text),
    );
    expect(said).not.toContain('two');
    expect(said).toMatch(/^\d\d:\d\d:\d\d\.\d{3} ER2 2001:db8:30::3 /m);
  });
});
