lab01-20261005T080500Z-7682Þ:ò™Š“ÛIÞ:ßMHÜR5lab01 2026-10-01 11:59:59 â€“ 2026-10-05 08:00:01 UTCj´
42­¤<b>lab01</b> Â· CPU by user
2026-10-01 11:59:59 â€“ 2026-10-05 08:00:01 UTC
Total 22m 04s Â· 4 users
* of it 20m 06s by jobs that still run
<pre>USER                TIME     %
1001             20m 26s*  93%
1003              54.89s    4%
cloudsdk          32.79s    2%
+1 other          10.02s    1%
</pre>âš  no data 2026-10-02 09:15 â€“ 2026-10-04 10:00 UTC
âš  11 damaged bytes not counted
lab01-20261005T080500Z-7682@HPjá
-1001×¤<b>lab01</b> Â· CPU by user
2026-10-01 11:59:59 â€“ 2026-10-05 08:00:01 UTC
Total 22m 04s Â· 4 users
* of it 20m 06s by jobs that still run
<pre>USER                TIME     %
1001             20m 26s*  93%
1003              54.89s    4%
cloudsdk          32.79s    2%
+1 other          10.02s    1%
</pre>âš  no data 2026-10-02 09:15 â€“ 2026-10-04 10:00 UTC
âš  11 damaged bytes not counted
lab01-20261005T080500Z-7682@HZ*HTTP status 403: Forbidden: bot was kickedjé
-1002ß¤<b>lab01</b> Â· CPU by user
2026-10-01 11:59:59 â€“ 2026-10-05 08:00:01 UTC
Total 22m 04s Â· 4 users
* of it 20m 06s by jobs that still run
<pre>USER                TIME     %
1001             20m 26s*  93%
1003              54.89s    4%
cloudsdk          32.79s    2%
+1 other          10.02s    1%
</pre>âš  no data 2026-10-02 09:15 â€“ 2026-10-04 10:00 UTC
âš  11 damaged bytes not counted
lab01-20261005T080500Z-7682HZ4HTTP status 429: Too Many Requests: retry after 3600jÀ
-1001234567890­¤<b>lab01</b> Â· CPU by user
2026-10-01 11:59:59 â€“ 2026-10-05 08:00:01 UTC
Total 22m 04s Â· 4 users
* of it 20m 06s by jobs that still run
<pre>USER                TIME     %
1001             20m 26s*  93%
1003              54.89s    4%
cloudsdk          32.79s    2%
+1 other          10.02s    1%
</pre>âš  no data 2026-10-02 09:15 â€“ 2026-10-04 10:00 UTC
âš  11 damaged bytes not counted
lab01-20261005T080500Z-7682@HP