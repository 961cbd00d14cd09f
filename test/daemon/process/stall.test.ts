import { expect, it } from 'vitest';
import type { DoctorListView } from '#api/views/doctor.ts';
import { pause, waitFor } from '#support/wait.ts';
import { DaemonProcess } from '../process.ts';

it('a daemon that was stopped for a while says so in its log and to the doctor', async () => {
  const daemon = new DaemonProcess('listen: ["127.0.0.9:0"]\n');
  try {
    await daemon.ready();
    daemon.child.kill('SIGSTOP');
    await pause(3500);
    daemon.child.kill('SIGCONT');
    await waitFor(
      'the warning',
      () => daemon.output,
      (output) => output.includes('this daemon did not run for'),
    );
    const { items } = await daemon.ask<DoctorListView>('/api/v1/doctor');
    expect(items.map(({ code }) => code)).toContain('stalled');
  } finally {
    await daemon.close();
  }
});
