/* bare.c - the yardstick: libpcap reads the file and counts, no more. */
#include <pcap/pcap.h>
#include <stdio.h>

static unsigned long long packets, bytes;

static void
count(u_char *user, const struct pcap_pkthdr *h, const u_char *p)
{
	(void)user;
	(void)p;
	packets++;
	bytes += h->len;
}

int
main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *p = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;

	if (p == NULL) {
		(void)fprintf(stderr, "bare: %s\n",
		    argc == 2 ? error : "one file");
		return 1;
	}
	(void)pcap_loop(p, -1, count, NULL);
	pcap_close(p);
	printf("%llu packets, %llu bytes\n", packets, bytes);
	return 0;
}
