/* Sends RTP of many streams at once from one core, so that a receiver can be measured at its limit.
 *
 *   sender HOST PORTS PACKETS SEED [PAYLOAD_BYTES [INTERVAL_US [TOGETHER]]]
 *
 * PORTS is a file with one destination port a line: stream 0, 1, 2 ...  Each stream sends PACKETS packets, one every
 * INTERVAL_US (20,000); the streams of one interval are spread over it in a hundred bursts, since callers do not speak
 * in step.  TOGETHER (1) packets of a stream leave at once, so much less often: the kernel then takes them in one piece
 * (UDP_SEGMENT) and gives the receiver single datagrams again.  On loopback the kernel charges the whole way up to the
 * receiver's socket to the sender; a receiver that drains every 200 ms sees no difference, and one core reaches further.
 *
 * Nothing of a packet has to be remembered: each of its octets is a function of SEED, stream and number
 * (mix(), and streams.py in the same words), so the other side can work out what should have come.
 *
 * Prints one line of JSON.  A packet that the kernel refuses is counted, and not sent again.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 12, BURST = 64, BATCHES = 100, MOST_PAYLOAD = 1440, MOST_TOGETHER = 32 };

/* SplitMix64's finaliser (Steele, Lea, Flood, 2014): a counter in, 64 good bits out. */
static uint64_t mix(uint64_t counter) {
  uint64_t bits = counter * 0x9E3779B97F4A7C15u;
  bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9u;
  bits = (bits ^ bits >> 27) * 0x94D049BB133111EBu;
  return bits ^ bits >> 31;
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void wait_until(uint64_t moment) {
  struct timespec until = {(time_t)(moment / 1000000000u), (long)(moment % 1000000000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {}
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* RFC 3550 section 5.1.  The timestamp counts octets of payload: right for PCMU and PCMA. */
static void write_packet(uint8_t *packet, uint64_t seed, uint32_t stream, uint32_t number, size_t payload) {
  uint64_t begin = mix(seed ^ (uint64_t)stream << 32);
  uint16_t sequence = htons((uint16_t)((begin & 0xFFFF) + number));
  uint32_t timestamp = htonl((uint32_t)(begin >> 16) + number * (uint32_t)payload);
  uint32_t ssrc = htonl(stream + 1);
  packet[0] = 0x80;
  packet[1] = number == 0 ? 0x80 : 0; /* the marker on the first, payload type 0 */
  memcpy(packet + 2, &sequence, 2);
  memcpy(packet + 4, &timestamp, 4);
  memcpy(packet + 8, &ssrc, 4);
  uint64_t counter = (begin & ~(uint64_t)0xFF) + (uint64_t)number * 256;
  for (size_t word = 0; word < (payload + 7) / 8; word++) {
    uint64_t bits = mix(counter + word);
    memcpy(packet + HEADER + word * 8, &bits, 8);
  }
}

int main(int count, char **words) {
  if (count < 5) {
    fprintf(stderr, "sender HOST PORTS PACKETS SEED [PAYLOAD_BYTES [INTERVAL_US [TOGETHER]]]\n");
    return 2;
  }
  uint32_t packets = (uint32_t)strtoul(words[3], NULL, 10);
  uint64_t seed = strtoull(words[4], NULL, 10);
  size_t payload = count > 5 ? strtoul(words[5], NULL, 10) : 160;
  uint64_t interval = (count > 6 ? strtoull(words[6], NULL, 10) : 20000) * 1000;
  uint32_t together = count > 7 ? (uint32_t)strtoul(words[7], NULL, 10) : 1;
  if (payload > MOST_PAYLOAD || together == 0 || together > MOST_TOGETHER) {
    fprintf(stderr, "sender: at most %d octets of payload, and 1 to %d packets together\n", MOST_PAYLOAD, MOST_TOGETHER);
    return 2;
  }

  struct addrinfo *host, wish = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST};
  if (getaddrinfo(words[1], NULL, &wish, &host) != 0) {
    fprintf(stderr, "sender: %s is no address\n", words[1]);
    return 2;
  }
  FILE *file = fopen(words[2], "r");
  if (file == NULL) fail(words[2]);
  uint32_t streams = 0, room = 1024, port;
  struct sockaddr_storage *to = malloc(room * sizeof *to);
  while (fscanf(file, "%u", &port) == 1) {
    if (streams == room) to = realloc(to, (room *= 2) * sizeof *to);
    memcpy(&to[streams], host->ai_addr, host->ai_addrlen);
    ((struct sockaddr_in *)&to[streams++])->sin_port = htons((uint16_t)port); /* at the same place in sockaddr_in6 */
  }
  fclose(file);
  int sender = socket(host->ai_family, SOCK_DGRAM, 0);
  int room_bytes = 4 << 20;
  int segment = (int)(HEADER + payload);
  if (sender < 0) fail("socket");
  setsockopt(sender, SOL_SOCKET, SO_SNDBUF, &room_bytes, sizeof room_bytes);
  if (together > 1 && setsockopt(sender, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment) < 0) fail("UDP_SEGMENT");

  static uint8_t burst[BURST][(HEADER + MOST_PAYLOAD) * MOST_TOGETHER + 8];
  struct mmsghdr messages[BURST];
  struct iovec pieces[BURST];
  memset(messages, 0, sizeof messages);
  for (int slot = 0; slot < BURST; slot++) {
    pieces[slot] = (struct iovec){burst[slot], HEADER + payload};
    messages[slot].msg_hdr.msg_iov = &pieces[slot];
    messages[slot].msg_hdr.msg_iovlen = 1;
    messages[slot].msg_hdr.msg_namelen = host->ai_addrlen;
  }

  uint64_t sent = 0, refused = 0, latest = 0, begin = now_ns() + 1000000;
  for (uint32_t number = 0; number < packets; number += together) {
    uint32_t pack = packets - number < together ? packets - number : together;
    for (int slot = 0; slot < BURST; slot++) pieces[slot].iov_len = (HEADER + payload) * pack;
    for (uint32_t batch = 0; batch < BATCHES; batch++) {
      uint64_t due = begin + number * interval + batch * interval * pack / BATCHES, now = now_ns();
      if (now < due) wait_until(due);
      else if (now - due > latest) latest = now - due;
      uint32_t from = (uint32_t)((uint64_t)streams * batch / BATCHES);
      uint32_t before = (uint32_t)((uint64_t)streams * (batch + 1) / BATCHES);
      while (from < before) {
        uint32_t many = before - from < BURST ? before - from : BURST;
        for (uint32_t slot = 0; slot < many; slot++) {
          for (uint32_t packet = 0; packet < pack; packet++)
            write_packet(burst[slot] + packet * (HEADER + payload), seed, from + slot, number + packet, payload);
          messages[slot].msg_hdr.msg_name = &to[from + slot];
        }
        for (uint32_t done = 0; done < many;) {
          int taken = sendmmsg(sender, messages + done, many - done, 0);
          if (taken > 0) {
            sent += (uint64_t)taken * pack;
            done += (uint32_t)taken;
          } else if (errno != EINTR) { /* the first of them is refused, the others are not to blame */
            refused += pack;
            done++;
          }
        }
        from += many;
      }
    }
  }
  uint64_t lasted = now_ns() - begin;
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
               (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  printf("{\"streams\": %u, \"packets\": %llu, \"refused\": %llu, \"seconds\": %.6f, \"cpu_s\": %.6f, "
         "\"latest_ms\": %.3f}\n",
         streams, (unsigned long long)sent, (unsigned long long)refused, (double)lasted / 1e9, cpu,
         (double)latest / 1e6);
  return 0;
}
