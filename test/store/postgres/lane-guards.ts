// A database that watches lanes: a lane is changed by nobody who does not hold it, a transaction holds all of its lanes at once, and no
// row before them. Whoever wants several takes them in their order then, so that no two wait for each other.
import type { Postgres } from '../../support/postgres.ts';

/** Whether this session holds a lane, by itself or with its whole account. */
const laneHeld = `
  CREATE FUNCTION has_lock(p_key bigint, p_mode text) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted AND objsubid = 1
      AND classid::bigint = (p_key >> 32) & 4294967295 AND objid::bigint = p_key & 4294967295 AND mode LIKE p_mode)
  $$;
  CREATE FUNCTION has_lane(p_account bigint, p_lane bigint) RETURNS boolean LANGUAGE sql AS $$
    SELECT has_lock(hashint8extended(p_account, 0), 'ExclusiveLock') OR has_lock(hashint8extended(p_lane, p_account), 'ExclusiveLock')
  $$`;

/** Refuses to take lanes twice, and after rows: whoever locked or wrote one has a transaction id. */
const guardedHold = `
  ALTER FUNCTION hold_lanes(bigint, bigint[]) RENAME TO take_lanes;
  CREATE FUNCTION hold_lanes(p_account bigint, p_lanes bigint[]) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    IF NOT has_lock(hashint8extended(p_account, 0), '%') THEN
      IF pg_current_xact_id_if_assigned() IS NOT NULL THEN RAISE EXCEPTION 'Rows were taken before lanes.'; END IF;
    ELSIF EXISTS (SELECT 1 FROM unnest(p_lanes) lane WHERE NOT has_lane(p_account, lane)) THEN
      RAISE EXCEPTION 'More lanes were wanted than were held at once.';
    END IF;
    PERFORM take_lanes(p_account, p_lanes);
  END $$`;

/** Refuses to change who stands where in a lane that is not held. */
const guardedRows = `
  CREATE FUNCTION guard_lane() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NOT has_lane(NEW.account_id, NEW.lane) THEN RAISE EXCEPTION 'A lane of % is not held.', TG_TABLE_NAME; END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER lane_guarded BEFORE INSERT OR UPDATE OF state, lane, place, laned, destination_id ON delivery
    FOR EACH ROW EXECUTE FUNCTION guard_lane();
  CREATE TRIGGER lane_guarded BEFORE INSERT OR UPDATE OF state, lane, place ON outbound
    FOR EACH ROW EXECUTE FUNCTION guard_lane()`;

/** Has a database with the schema refuse all that is not done with lanes as it should be. */
export async function guardLanes(postgres: Pick<Postgres, 'query'>, url: string): Promise<void> {
  for (const sql of [laneHeld, guardedHold, guardedRows])
    await postgres.query(sql, new URL(url).pathname.slice(1));
}
