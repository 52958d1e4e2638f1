// How the suite is run: test/hostile/run.ts sets these, `npm test` leaves them out.

/** The long form waits for the service's own time limits and comes with more of everything. */
export const isLong = process.env['CHASQUI_HOSTILE'] === 'long';
/** The address of a PostgreSQL server on which each bed makes a database; the embedded store without one. */
export const databaseServer = process.env['CHASQUI_HOSTILE_DATABASES'];
/** TLS on, and console, API and health on a port of their own. */
export const isApart = process.env['CHASQUI_HOSTILE_APART'] === '1';
