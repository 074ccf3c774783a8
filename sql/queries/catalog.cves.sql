-- Every CVE id that some stored advisory names.
SELECT DISTINCT cve
FROM
(
    SELECT arrayJoin(arrayPushBack(aliases, osv_id)) AS cve
    FROM advisories
    UNION ALL
    SELECT arrayJoin(arrayPushBack(aliases, osv_id)) AS cve
    FROM cpython_advisories
)
WHERE startsWith(cve, 'CVE-')
