/*
 * An SCTP peer on usrsctp over UDP (RFC 6951) for the tests: sends messages made by a rule, checks those that come.
 *
 *   peer connect|listen OWN_UDP PEER_UDP SCTP_PORT COUNT RTO_MIN_MS SACK_MS MTU [PEER_HOST]
 *
 * OWN_UDP 0: over raw IP, as root. It is 127.0.0.1 itself, and its peer unless another is given.
 * Message i of a side (0 connects, 1 listens) goes on stream i % 16 with PPID i + 1; see length_of and pattern.
 * Prints "ready" when it listens, "received COUNT" and "sent SECONDS CPU" at the end, or what was wrong; exit 0 if all
 * was right and standard input ends.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <usrsctp.h>

#define STREAMS 16
#define LONGEST 20000

static unsigned char pattern[LONGEST + 256];
static int count, own_side;
static struct socket *association;

static int length_of(int i, int side)
{
    return 20 + (int)(((int64_t)i * 7919 + side * 104729) % (LONGEST - 19));
}

static double cpu_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what)
{
    printf("failed: %s\n", what);
    fflush(stdout);
    _exit(1);
}

static void set(struct socket *s, int option, const void *value, socklen_t size, const char *name)
{
    if (usrsctp_setsockopt(s, IPPROTO_SCTP, option, value, size) < 0)
        fail(name);
}

static struct socket *make_socket(int peer_udp, int rto_min_ms, int sack_ms, int mtu)
{
    struct socket *s = usrsctp_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);
    struct sctp_udpencaps encaps;
    struct sctp_initmsg streams;
    struct sctp_rtoinfo rto;
    struct sctp_sack_info sack;
    struct sctp_paddrparams path;
    const int on = 1, buffer = 1 << 20;

    if (s == NULL)
        fail("socket");
    memset(&encaps, 0, sizeof(encaps));
    encaps.sue_address.ss_family = AF_INET;
    encaps.sue_port = htons((uint16_t)peer_udp);
    if (peer_udp > 0)
        set(s, SCTP_REMOTE_UDP_ENCAPS_PORT, &encaps, sizeof(encaps), "encapsulation port");
    memset(&streams, 0, sizeof(streams));
    streams.sinit_num_ostreams = streams.sinit_max_instreams = STREAMS;
    set(s, SCTP_INITMSG, &streams, sizeof(streams), "streams");
    memset(&rto, 0, sizeof(rto));
    rto.srto_initial = rto.srto_min = (uint32_t)rto_min_ms;
    rto.srto_max = 60000;
    set(s, SCTP_RTOINFO, &rto, sizeof(rto), "RTO");
    memset(&sack, 0, sizeof(sack));
    sack.sack_delay = (uint32_t)sack_ms;
    sack.sack_freq = 2;
    set(s, SCTP_DELAYED_SACK, &sack, sizeof(sack), "delayed SACK");
    memset(&path, 0, sizeof(path));
    path.spp_address.ss_family = AF_INET;
    path.spp_flags = SPP_PMTUD_DISABLE;
    path.spp_pathmtu = (uint32_t)mtu;
    if (mtu > 0)
        set(s, SCTP_PEER_ADDR_PARAMS, &path, sizeof(path), "path MTU");
    set(s, SCTP_NODELAY, &on, sizeof(on), "no delay");
    set(s, SCTP_RECVRCVINFO, &on, sizeof(on), "receive information");
    usrsctp_setsockopt(s, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
    usrsctp_setsockopt(s, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
    return s;
}

static void check(const unsigned char *octets, int length, const struct sctp_rcvinfo *info, int *next)
{
    int i = (int)ntohl(info->rcv_ppid) - 1;
    int stream = info->rcv_sid;

    if (i < 0 || i >= count || stream != i % STREAMS)
        fail("stream or PPID");
    if (length != length_of(i, 1 - own_side))
        fail("length");
    if (memcmp(octets, pattern + i % 251, (size_t)length) != 0)
        fail("content");
    if (i != next[stream])
        fail("order");
    next[stream] += STREAMS;
}

static void *receive_all(void *unused)
{
    static unsigned char whole[LONGEST + 1];
    int next[STREAMS], stream, received = 0, have = 0;

    (void)unused;
    for (stream = 0; stream < STREAMS; stream++)
        next[stream] = stream;
    while (received < count) {
        struct sctp_rcvinfo info;
        socklen_t info_length = sizeof(info), from_length = 0;
        unsigned int type = 0;
        int flags = 0;
        ssize_t n = usrsctp_recvv(association, whole + have, sizeof(whole) - (size_t)have, NULL, &from_length, &info,
                                  &info_length, &type, &flags);
        if (n <= 0)
            fail("the association ended too early");
        have += (int)n;
        if (!(flags & MSG_EOR)) {
            if (have == (int)sizeof(whole))
                fail("too long");
            continue;
        }
        if (type != SCTP_RECVV_RCVINFO)
            fail("no receive information");
        check(whole, have, &info, next);
        have = 0;
        received++;
    }
    printf("received %d\n", received);
    fflush(stdout);
    return NULL;
}

static void send_all(void)
{
    struct timespec start, end;
    double cpu = cpu_seconds();
    int i;

    clock_gettime(CLOCK_MONOTONIC, &start);
    for (i = 0; i < count; i++) {
        struct sctp_sndinfo info;
        int length = length_of(i, own_side);

        memset(&info, 0, sizeof(info));
        info.snd_sid = (uint16_t)(i % STREAMS);
        info.snd_ppid = htonl((uint32_t)(i + 1));
        if (usrsctp_sendv(association, pattern + i % 251, (size_t)length, NULL, 0, &info, sizeof(info),
                          SCTP_SENDV_SNDINFO, 0) != length)
            fail("send");
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("sent %f %f\n", end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9, cpu_seconds() - cpu);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address;
    struct socket *s;
    pthread_t receiver;
    unsigned char octet;
    socklen_t none = 0;
    unsigned int type = 0;
    int j, flags = 0;

    if (argc < 9)
        return 2;
    own_side = strcmp(argv[1], "listen") == 0;
    count = atoi(argv[5]);
    for (j = 0; j < (int)sizeof(pattern); j++)
        pattern[j] = (unsigned char)(j * 7 + (j >> 8));
    usrsctp_init((uint16_t)atoi(argv[2]), NULL, NULL);
    /* As root it hears all SCTP over raw IP of this host: it must not answer what is meant for others. */
    usrsctp_sysctl_set_sctp_blackhole(2);
    s = make_socket(atoi(argv[3]), atoi(argv[6]), atoi(argv[7]), atoi(argv[8]));
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)atoi(argv[4]));
    address.sin_addr.s_addr = argc > 9 && !own_side ? inet_addr(argv[9]) : htonl(INADDR_LOOPBACK);
    if (own_side) {
        if (usrsctp_bind(s, (struct sockaddr *)&address, sizeof(address)) < 0 || usrsctp_listen(s, 1) < 0)
            fail("listen");
        printf("ready\n");
        fflush(stdout);
        association = usrsctp_accept(s, NULL, NULL);
    } else {
        if (usrsctp_connect(s, (struct sockaddr *)&address, sizeof(address)) < 0)
            fail("connect");
        association = s;
    }
    if (association == NULL)
        fail("no association");
    pthread_create(&receiver, NULL, receive_all, NULL);
    send_all();
    pthread_join(receiver, NULL);
    if (!own_side)
        usrsctp_shutdown(association, SHUT_WR);
    if (usrsctp_recvv(association, &octet, 1, NULL, &none, NULL, &none, &type, &flags) > 0)
        fail("more than was to come");
    printf("closed %f\n", cpu_seconds());
    fflush(stdout);
    /* The last SHUTDOWN COMPLETE may be lost: stay to say it again, until told to go. */
    while (getchar() != EOF)
        continue;
    _exit(0);
}
