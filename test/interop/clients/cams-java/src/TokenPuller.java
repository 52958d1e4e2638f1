import com.aliyun.mns.client.CloudQueue;
import com.aliyun.mns.client.MNSClient;
import com.aliyun.mns.model.Message;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;

/**
 * Pulls the three receipt types as the vendor's own sample does: a token for each queue, asked for again when it ends within
 * two minutes, batches of 16, each message handled and then deleted, a pause after an error. Its clock runs PULLER_SPEED times
 * as fast as ours, so that an hour, and the renewal before its end, come within a minute. Prints `seen MESSAGEID DEQUEUECOUNT
 * JSON` for every message that comes, `taken MESSAGEID` once its deletion is acknowledged, and `renewed TYPE` for each token.
 * Runs until it is killed.
 */
public final class TokenPuller {
  private static final DateTimeFormatter TIMES = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final double SPEED = Double.parseDouble(System.getenv("PULLER_SPEED"));

  private final String type;
  private MNSClient client;
  private CloudQueue queue;
  private Instant askedAt;
  private Instant endsAt;

  private TokenPuller(String type) {
    this.type = type;
  }

  public static void main(String[] args) {
    for (String type : List.of("ChatAppInbound", "ChatAppStatus", "ChatAppAudit")) {
      new Thread(new TokenPuller(type)::pull, type).start();
    }
  }

  /** The puller's time since it got its token, as much faster as it is told. */
  private Instant now() {
    double seconds = (Instant.now().toEpochMilli() - askedAt.toEpochMilli()) / 1000.0;
    return askedAt.plusMillis((long) (seconds * SPEED * 1000));
  }

  private CloudQueue current() throws Exception {
    if (queue != null && now().isBefore(endsAt.minusSeconds(120))) {
      return queue;
    }
    JsonObject token = Tokens.ask(type, Tokens.KEY_SECRET);
    if (client != null) {
      client.close();
    }
    client = Tokens.open(token);
    queue = Tokens.queue(client, type);
    askedAt = Instant.now();
    endsAt = LocalDateTime.parse(token.get("ExpireTime").getAsString(), TIMES).atZone(ZONE).toInstant();
    System.out.println("renewed " + type);
    return queue;
  }

  private void pull() {
    while (true) {
      try {
        CloudQueue source = current();
        List<Message> messages = source.batchPopMessage(16);
        if (messages == null) {
          continue;
        }
        for (Message message : messages) {
          String id = message.getMessageId();
          System.out.println("seen " + id + " " + message.getDequeueCount() + " " + message.getMessageBodyAsString());
          source.deleteMessage(message.getReceiptHandle());
          System.out.println("taken " + id);
        }
      } catch (Exception error) {
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(2_000);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
