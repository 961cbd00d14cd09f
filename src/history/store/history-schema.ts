/**
 * The steps that upgrade a history file from each version to the next; `user_version` of the file is the number of
 * steps that were applied. A new version adds a step at the end, and never changes one.
 */
export const historySchema: readonly string[] = [
  `CREATE TABLE event (
     id INTEGER PRIMARY KEY,
     at INTEGER NOT NULL,
     kind TEXT NOT NULL,
     peer TEXT,
     prefix TEXT,
     service TEXT,
     is_summary INTEGER,
     is_reserved INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     text TEXT NOT NULL
   ) STRICT;
   CREATE INDEX event_by_kind ON event (kind, id);
   CREATE INDEX event_by_peer ON event (peer, id) WHERE peer IS NOT NULL;
   CREATE INDEX event_by_prefix ON event (prefix, id) WHERE prefix IS NOT NULL;
   CREATE INDEX event_by_service ON event (service, id) WHERE service IS NOT NULL;
   CREATE INDEX event_by_share ON event (is_reserved, id, bytes);`,
];
