/* The least that a receiver can do: what callvault's own is compared with.
 *
 *   receiver HOST STREAMS FILE [TICK_MS [PACKET_BYTES [ROOM_BYTES]]]
 *
 * A socket for each stream, on ports of the kernel's choice, which are printed one a line, then an empty line.  From
 * then on, every TICK_MS (200): one recvmmsg on every socket into one arena, and one write of the packets to FILE, in
 * batches of at most 500 sockets, as the design has it.  No check sum, no index, no header: packets of PACKET_BYTES
 * (172), one behind the other.  At the end of its standard input it drains once more, and prints one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { AT_ONCE = 64, SUB_BATCH = 500 };

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static double cpu_s(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static int open_socket(const struct addrinfo *host, int room) {
  int opened = socket(host->ai_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  if (opened < 0) fail("socket");
  if (setsockopt(opened, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0)
    setsockopt(opened, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (bind(opened, host->ai_addr, host->ai_addrlen) < 0) fail("bind");
  struct sockaddr_storage own;
  socklen_t length = sizeof own;
  getsockname(opened, (struct sockaddr *)&own, &length);
  printf("%u\n", ntohs(((struct sockaddr_in *)&own)->sin_port)); /* at the same place in sockaddr_in6 */
  return opened;
}

static void write_all(int file, const uint8_t *bytes, size_t left) {
  while (left > 0) {
    ssize_t done = write(file, bytes, left);
    if (done < 0 && errno != EINTR) fail("write");
    if (done > 0) bytes += done, left -= (size_t)done;
  }
}

int main(int count, char **words) {
  if (count < 4) {
    fprintf(stderr, "receiver HOST STREAMS FILE [TICK_MS [PACKET_BYTES [ROOM_BYTES]]]\n");
    return 2;
  }
  size_t streams = strtoul(words[2], NULL, 10), size = count > 5 ? strtoul(words[5], NULL, 10) : 172;
  uint64_t tick = (count > 4 ? strtoull(words[4], NULL, 10) : 200) * 1000000u;
  int room = count > 6 ? atoi(words[6]) : 1 << 20;
  struct addrinfo *host, wish = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST};
  if (getaddrinfo(words[1], "0", &wish, &host) != 0) {
    fprintf(stderr, "receiver: %s is no address\n", words[1]);
    return 2;
  }
  int file = open(words[3], O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0) fail(words[3]);
  int *sockets = malloc(streams * sizeof *sockets);
  for (size_t stream = 0; stream < streams; stream++) sockets[stream] = open_socket(host, room);
  printf("\n");
  fflush(stdout);

  /* Every message has its place in the arena for good, so the calls need no preparation, and what they brought lies
     together: the next socket begins behind the last packet of the one before. */
  size_t slots = (SUB_BATCH + 1) * AT_ONCE;
  uint8_t *arena = malloc(slots * size);
  struct iovec *pieces = malloc(slots * sizeof *pieces);
  struct mmsghdr *messages = calloc(slots, sizeof *messages);
  for (size_t slot = 0; slot < slots; slot++) {
    pieces[slot] = (struct iovec){arena + slot * size, size};
    messages[slot].msg_hdr.msg_iov = &pieces[slot];
    messages[slot].msg_hdr.msg_iovlen = 1;
  }

  uint64_t packets = 0, wrong = 0, ticks = 0, longest = 0, due = now_ns() + tick;
  double before = cpu_s();
  for (int going = 1; going;) {
    uint64_t now = now_ns();
    struct pollfd end = {0, POLLIN, 0};
    if (poll(&end, 1, now < due ? (int)((due - now) / 1000000u) : 0) > 0) {
      char octet;
      going = read(0, &octet, 1) > 0;
    } else {
      due += tick;
    }
    uint64_t begin = now_ns();
    size_t held = 0;
    for (size_t stream = 0; stream < streams; stream++) {
      int taken;
      do {
        taken = recvmmsg(sockets[stream], messages + held, AT_ONCE, 0, NULL);
        for (int number = 0; number < taken; number++) wrong += messages[held + (size_t)number].msg_len != size;
        if (taken > 0) held += (size_t)taken;
        if (held > slots - AT_ONCE) {
          write_all(file, arena, held * size);
          packets += held, held = 0;
        }
      } while (taken == AT_ONCE);
      if ((stream + 1) % SUB_BATCH == 0 || stream + 1 == streams) {
        write_all(file, arena, held * size);
        packets += held, held = 0;
      }
    }
    ticks++;
    if (now_ns() - begin > longest) longest = now_ns() - begin;
  }
  printf("{\"packets\": %llu, \"wrong_size\": %llu, \"ticks\": %llu, \"longest_tick_ms\": %.3f, \"cpu_s\": %.6f}\n",
         (unsigned long long)packets, (unsigned long long)wrong, (unsigned long long)ticks, (double)longest / 1e6,
         cpu_s() - before);
  return 0;
}
