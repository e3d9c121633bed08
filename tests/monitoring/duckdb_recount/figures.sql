-- One query a KPI, each giving one value, not rounded; NULL where there is nothing to count.
-- kpi referrals
SELECT count(*) FROM referrals WHERE asked(uk(created_at));
-- kpi demand
SELECT count(DISTINCT chain.top) FROM referrals JOIN chain USING (id) WHERE asked(uk(created_at));
-- kpi offers_made
SELECT count(*) FROM offers WHERE asked(uk(made_at));
-- kpi offers_chosen
SELECT share(count(confirmed_at), count(*)) FROM offers WHERE asked(uk(made_at));
-- kpi offers_per_referral
SELECT (SELECT count(*) FROM offers WHERE made_at IS NOT NULL AND referral IN (SELECT id FROM sent))::DOUBLE / nullif(count(*), 0) FROM sent;
-- kpi time_to_first_offer_median
SELECT median(wait) FROM (SELECT greatest(epoch(min(made_at) - min(broadcast_at)) / 3600, 0) AS wait FROM sent JOIN offers ON referral = sent.id WHERE made_at IS NOT NULL GROUP BY sent.id);
-- kpi time_to_first_offer_p90
SELECT quantile_cont(wait, 0.9) FROM (SELECT greatest(epoch(min(made_at) - min(broadcast_at)) / 3600, 0) AS wait FROM sent JOIN offers ON referral = sent.id WHERE made_at IS NOT NULL GROUP BY sent.id);
-- kpi time_to_placement_median
SELECT median(wait) FROM (SELECT greatest(epoch(min(a.agreed_at) - min(r.created_at)) / 86400, 0) AS wait, min(a.agreed_at) AS moment FROM placements a JOIN referrals r ON r.id = a.referral WHERE a.cancelled_at IS NULL GROUP BY r.id) WHERE asked(uk(moment));
-- kpi time_to_placement_p90
SELECT quantile_cont(wait, 0.9) FROM (SELECT greatest(epoch(min(a.agreed_at) - min(r.created_at)) / 86400, 0) AS wait, min(a.agreed_at) AS moment FROM placements a JOIN referrals r ON r.id = a.referral WHERE a.cancelled_at IS NULL GROUP BY r.id) WHERE asked(uk(moment));
-- kpi declines
SELECT count(*) FROM declines WHERE asked(uk(declined_at));
-- kpi answered_in_time
SELECT share(count(*) FILTER (WHERE moment <= closes_at), count(closes_at)) FROM replies JOIN sent ON sent.id = referral;
-- kpi offered_in_time
SELECT share(count(*) FILTER (WHERE EXISTS (SELECT 1 FROM offers WHERE referral = sent.id AND made_at <= sent.closes_at)), count(closes_at)) FROM sent;
-- kpi first_reply_median
SELECT median(wait) FROM (SELECT greatest(epoch(min(moment) - min(broadcast_at)) / 3600, 0) AS wait FROM sent JOIN replies ON referral = sent.id GROUP BY sent.id);
-- kpi first_reply_p90
SELECT quantile_cont(wait, 0.9) FROM (SELECT greatest(epoch(min(moment) - min(broadcast_at)) / 3600, 0) AS wait FROM sent JOIN replies ON referral = sent.id GROUP BY sent.id);
-- kpi withdrawn_after_shortlist
SELECT share(count(*) FILTER (WHERE withdrawn_at >= shortlisted_at), count(*)) FROM offers WHERE asked(uk(shortlisted_at));
-- kpi out_of_hours
SELECT share(count(*) FILTER (WHERE isodow(local) > 5 OR hour(local) < 9 OR hour(local) > 16), count(*)) FROM (SELECT created_at AT TIME ZONE 'Europe/London' AS local FROM referrals WHERE asked(uk(created_at)));
-- kpi beds_gone
SELECT share(count(*) FILTER (WHERE NOT granted), count(*)) FROM bed_requests WHERE asked(uk(answered_at));
-- kpi placements
SELECT count(*) FROM agreed;
-- kpi placed_in_house
SELECT share(count(*) FILTER (WHERE starts_with(provider, 'council:')), count(*)) FROM agreed;
-- kpi placed_tier_one
SELECT share(count(*) FILTER (WHERE tier = 1), count(*)) FROM agreed WHERE starts_with(provider, 'agency:');
-- kpi placed_within_20_miles
SELECT share(count(*) FILTER (WHERE within_20_miles = 'yes'), count(*) FILTER (WHERE within_20_miles <> 'undecided')) FROM agreed;
-- kpi placed_in_area
SELECT share(count(*) FILTER (WHERE lives_in = agreed.council), count(lives_in)) FROM agreed JOIN bed_requests ON bed_requests.hold = agreed.hold;
-- kpi unplanned_endings
SELECT share(count(*) FILTER (WHERE NOT ended_as_planned), count(*)) FROM placements WHERE asked(ended_on);
-- kpi agreements_fulfilled
SELECT share(count(coalesce(started_on, ended_from)), count(*)) FROM placements, p WHERE asked(starts_on) AND starts_on <= p.t;
-- kpi unplanned_by_provider
SELECT share(count(*) FILTER (WHERE NOT ended_as_planned AND coalesce(
        (SELECT arg_max(given_by, (given_on, id)) FROM notices n WHERE n.placement = placements.id AND withdrawn_at IS NULL AND given_on IS NOT NULL),
        CASE WHEN ended_reason IN ('CLOSE', 'ALLEG', 'STAND', 'APPRR', 'CREQB', 'CREQO') THEN 'provider' END) = 'provider'), count(*))
FROM placements WHERE asked(ended_on);
-- kpi notice_days
SELECT median(ends_on - given_on) FROM notices WHERE asked(given_on) AND withdrawn_at IS NULL;
-- kpi double_paid_nights
WITH placed AS (
    SELECT s.*, chain.top, row_number() OVER (ORDER BY came, agreed_at NULLS LAST, s.id) AS place FROM stays s JOIN chain ON chain.id = s.referral),
pairs AS (
    SELECT later.id AS later, earlier.id AS earlier FROM placed later JOIN placed earlier ON later.top = earlier.top AND earlier.place < later.place
    WHERE EXISTS (SELECT 1 FROM (SELECT unnest(later.years) AS a) x, (SELECT unnest(earlier.years) AS b) y
        WHERE abs(a + date_diff('day', earlier.came, later.came) // 365 - b) <= 1))
SELECT count(DISTINCT (pairs.later, mine.night)) FROM pairs JOIN nights mine ON mine.id = pairs.later JOIN nights other ON other.id = pairs.earlier AND other.night = mine.night
WHERE asked(mine.night);
-- kpi stability_1
WITH children AS (SELECT s.council, s.came, s.ended_on, unnest(from_json(numbers_in_year, '["INTEGER"]')) AS number FROM stays s),
counted AS (
    SELECT council, count(*) FILTER (WHERE number = 1 AND came >= first) + count(*) FILTER (WHERE came < first) AS heard,
        count(*) FILTER (WHERE number = 2 AND came >= first) AS twos, count(*) FILTER (WHERE number = 3 AND came >= first) AS threes
    FROM children, april WHERE came BETWEEN first AND last OR (came < first AND (ended_on IS NULL OR ended_on > first)) GROUP BY council)
SELECT share(sum(threes), sum(greatest(heard, twos, threes))) FROM counted;
-- kpi stability_2
SELECT share(sum(same), sum(long)) FROM (
    SELECT council, arg_max(same_placement, as_of) AS same, arg_max(looked_after_long, as_of) AS long FROM stability_counts, p
    WHERE as_of <= p.l AND as_of > make_date(year(p.l) - 1, month(p.l), least(extract('day' FROM p.l)::INTEGER, 28)) GROUP BY council);
-- kpi spend
SELECT round(sum(bill(pounds_per_week, slept) - bill(pounds_per_week, before)), 2) FROM charged WHERE pounds_per_week IS NOT NULL;
-- kpi savings_pounds
SELECT round(sum(bill(former.pounds, slept) - bill(former.pounds, before) - bill(pounds_per_week, slept) + bill(pounds_per_week, before)), 2)
FROM charged JOIN former USING (id) WHERE starts_with(provider, 'agency:') AND pounds_per_week IS NOT NULL;
-- kpi savings_per_cent
SELECT 100 - 100 * sum(bill(pounds_per_week, slept) - bill(pounds_per_week, before)) / nullif(sum(bill(former.pounds, slept) - bill(former.pounds, before)), 0)
FROM charged JOIN former USING (id) WHERE starts_with(provider, 'agency:') AND pounds_per_week IS NOT NULL;
-- kpi agreed_below_baseline
SELECT 100 - 100 * sum(pounds_per_week)::DOUBLE / nullif(sum(former.pounds), 0)::DOUBLE FROM agreed JOIN former USING (id) WHERE starts_with(provider, 'agency:');
-- kpi beds_approved
SELECT sum(places) FROM told;
-- kpi beds_vacant
SELECT sum(CASE WHEN open THEN coalesce(free, 0) ELSE 0 END) FROM standing;
-- kpi beds_filled
SELECT CASE WHEN (SELECT count(*) FROM standing) > 0 THEN coalesce(sum(beds), 0) END FROM lived_in;
-- kpi agencies_commissioned
SELECT count(DISTINCT provider) FROM agreed WHERE starts_with(provider, 'agency:');
-- kpi carers_growth
SELECT share(sum(told.homes - b.homes), sum(b.homes)) FROM told JOIN told_before b USING (provider) WHERE b.homes > 0;
-- kpi vacant_share
SELECT share(sum(least(coalesce(free, 0), places)), sum(places)) FROM told
LEFT JOIN (SELECT provider, sum(CASE WHEN open THEN coalesce(free, 0) ELSE 0 END) AS free FROM standing GROUP BY provider) USING (provider) WHERE places > 0;
