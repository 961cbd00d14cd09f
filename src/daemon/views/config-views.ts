import type { ConfigHistoryView } from '#api/views/config-history.ts';
import type { StatusView } from '#api/views/status.ts';
import { timestamp } from '#clock.ts';
import type { KeptConfigs } from '../changes/kept-configs.ts';

/** Returns where the running configuration is from, and what was last confirmed: a part of the status. */
export function keptView(
  kept: KeptConfigs,
): Omit<StatusView['config'], 'file' | 'hash' | 'loaded_at' | 'last_reload_ok' | 'confirm_by'> {
  const { confirmed, filesDiffer: differ, runningFrom } = kept;
  return {
    running_from: runningFrom,
    ...(differ !== undefined && { file_differs: differ }),
    ...(confirmed !== undefined && {
      confirmed_hash: confirmed.hash,
      confirmed_at: timestamp(confirmed.confirmedAtMs),
    }),
  };
}

/** Returns the configurations that ran, newest first. */
export function historyView(kept: KeptConfigs): ConfigHistoryView {
  const { confirmed } = kept;
  const items = kept.history.map((ran, index) => {
    const { hash, atMs, how, by, id } = ran;
    const isConfirmed = confirmed?.hash === hash && confirmed.id === id;
    return {
      hash,
      at: timestamp(atMs),
      how,
      ...(by !== undefined && { by }),
      running: index === 0,
      ...(isConfirmed && { confirmed_at: timestamp(confirmed.confirmedAtMs) }),
      kept: kept.isKept(ran),
    };
  });
  return { items, ...(!kept.hasStore && { note: withoutStore }) };
}

const withoutStore =
  'without state_dir only the configurations of this process are listed, without their content: plan --against is not possible, and a daemon that ends before a reload is confirmed starts with the file';
