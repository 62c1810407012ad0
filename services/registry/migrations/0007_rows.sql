-- Who sees and writes which rows (services/chassis/migrations/0003_scope.sql). Divisions are public codes of the state.
CALL own_rows('person');
CALL own_rows('consent', 'EXISTS (SELECT FROM person WHERE person.person_id = consent.person_id)');
CALL own_rows('account', 'EXISTS (SELECT FROM person WHERE person.person_id = account.person_id)');
CALL own_rows('login', 'EXISTS (SELECT FROM account WHERE account.account_id = login.account_id)');
CALL own_rows('recovery_code', 'EXISTS (SELECT FROM account WHERE account.account_id = recovery_code.account_id)');
CALL own_rows(
    'external_identity', 'EXISTS (SELECT FROM account WHERE account.account_id = external_identity.account_id)');
CALL own_rows(
    'appointment', 'EXISTS (SELECT FROM unit WHERE unit.unit_id = appointment.unit_id AND ' || in_scope('region') || ')');
CALL own_rows(
    'delegation',
    'EXISTS (SELECT FROM appointment WHERE appointment.appointment_id = delegation.appointment_id)');
CALL own_rows(
    'client', 'EXISTS (SELECT FROM unit WHERE unit.unit_id = client.unit_id AND ' || in_scope('region') || ')');
CALL own_rows('client_secret', 'EXISTS (SELECT FROM client WHERE client.client_id = client_secret.client_id)');
CALL own_rows('site_draft', in_scope('within'));

-- The directory: organisations, centres and sites are public, and each is registered under those above it.
CALL open_rows('unit');
CALL open_rows('centre');
CALL open_rows('site');
CALL open_rows(
    'room', 'EXISTS (SELECT FROM site WHERE site.site_id = room.site_id AND ' || in_scope('region') || ')', 'site_id');
CALL open_rows(
    'site_hours',
    'EXISTS (SELECT FROM site WHERE site.site_id = site_hours.site_id AND ' || in_scope('region') || ')',
    'site_id');
CALL open_rows('place_alias', in_scope('within'), 'within');
