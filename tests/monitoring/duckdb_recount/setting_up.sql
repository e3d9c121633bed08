-- What the queries share: UK days, chains of re-referrals, stays, bands. p holds the first and last day asked for, and today.
CREATE MACRO uk(moment) AS (moment AT TIME ZONE 'Europe/London')::DATE;
CREATE MACRO asked(d) AS d BETWEEN (SELECT f FROM p) AND (SELECT l FROM p);
CREATE MACRO share(part, whole) AS CASE WHEN whole > 0 THEN 100.0 * part / whole END;
CREATE VIEW agreed AS SELECT *, uk(agreed_at) AS d FROM placements WHERE asked(uk(agreed_at)) AND cancelled_at IS NULL;
CREATE VIEW sent AS SELECT * FROM referrals WHERE asked(uk(broadcast_at));
CREATE VIEW chain AS
    WITH RECURSIVE up(id, top) AS (
        SELECT id, id FROM referrals
        UNION ALL SELECT up.id, r.re_referral_of FROM up JOIN referrals r ON r.id = up.top WHERE r.re_referral_of IS NOT NULL)
    SELECT id, top FROM up WHERE top NOT IN (SELECT id FROM referrals WHERE re_referral_of IS NOT NULL);
CREATE VIEW stays AS
    SELECT *, coalesce(started_on, ended_from) AS came, from_json(ages, '["INTEGER"]') AS years FROM placements
    WHERE cancelled_at IS NULL AND coalesce(started_on, ended_from) IS NOT NULL;
CREATE VIEW nights AS
    SELECT s.id, s.referral, s.council, s.provider, unnest(generate_series(s.came::TIMESTAMP, least(coalesce(s.ended_on, p.t), p.t, p.l + 1)::TIMESTAMP - INTERVAL 1 DAY, INTERVAL 1 DAY))::DATE AS night
    FROM stays s, p;
CREATE VIEW bands AS
    SELECT code AS lot, unnest(from_json(price_bands, '[{"code": "VARCHAR", "from_age": "INTEGER", "to_age": "INTEGER"}]')) AS band FROM lots;
CREATE VIEW of_each_age AS
    SELECT s.id, a.age, (
        SELECT max_by(b.pounds_per_week, b.from_date) FROM baseline_prices b, bands
        WHERE bands.lot = s.lot AND a.age BETWEEN bands.band.from_age AND bands.band.to_age AND b.band = bands.band.code
            AND b.council = s.council AND b.lot = s.lot AND b.from_date <= coalesce(s.started_on, s.ended_from, s.starts_on)) AS pounds
    FROM placements s, (SELECT id, unnest(from_json(ages, '["INTEGER"]')) AS age FROM placements) a WHERE a.id = s.id;
CREATE VIEW former AS
    SELECT id, sum(pounds) AS pounds FROM of_each_age GROUP BY id HAVING count(*) = count(pounds);
CREATE MACRO bill(pounds, n) AS round(pounds::DOUBLE * n / 7, 2);
CREATE VIEW charged AS
    SELECT s.*, count(*) AS slept, count(*) FILTER (WHERE n.night < p.f) AS before FROM stays s JOIN nights n ON n.id = s.id, p
    GROUP BY ALL HAVING count(*) > count(*) FILTER (WHERE n.night < p.f);
CREATE VIEW told AS
    SELECT provider, arg_max(approved_places, (counted_at, version)) AS places, arg_max(households, (counted_at, version)) AS homes
    FROM places_counts, p WHERE uk(counted_at) <= p.l GROUP BY provider;
CREATE VIEW told_before AS
    SELECT provider, arg_max(households, (counted_at, version)) AS homes
    FROM places_counts, p WHERE uk(counted_at) <= (p.l - INTERVAL 1 YEAR)::DATE GROUP BY provider;
CREATE VIEW steps AS SELECT v.* FROM vacancy_changes v, p WHERE uk(v.happened_at) <= p.l;
CREATE VIEW standing AS
    SELECT vacancy, any_value(provider) AS provider,
        coalesce(arg_max(event, (version, happened_at)) FILTER (WHERE event IN ('opened', 'changed', 'closed')), 'opened') <> 'closed' AS open,
        arg_max(free_beds, (version, happened_at)) FILTER (WHERE free_beds IS NOT NULL) AS free
    FROM steps GROUP BY vacancy;
CREATE VIEW lived_in AS
    SELECT hold, max(beds) AS beds FROM steps WHERE hold IS NOT NULL
    GROUP BY hold HAVING count(*) FILTER (WHERE event = 'freed') = 0 AND count(*) FILTER (WHERE event = 'filled') > 0;
CREATE VIEW april AS SELECT make_date(CASE WHEN month(l) >= 4 THEN year(l) ELSE year(l) - 1 END, 4, 1) AS first, l AS last FROM p;
CREATE VIEW replies AS
    SELECT referral, provider, min(moment) AS moment FROM (
        SELECT referral, provider, made_at AS moment FROM offers WHERE made_at IS NOT NULL
        UNION ALL SELECT referral, provider, declined_at FROM declines) GROUP BY ALL;
