import com.aliyun.mns.client.CloudQueue;
import com.aliyun.mns.client.MNSClient;
import com.aliyun.mns.common.BatchDeleteException;
import com.aliyun.mns.common.ServiceException;
import com.aliyun.mns.model.Message;
import com.aliyun.mns.model.MessagePropertyValue;
import com.aliyun.mns.model.MessageSystemPropertyName;
import com.aliyun.mns.model.MessageSystemPropertyValue;
import com.aliyun.mns.model.PagingListResult;
import com.aliyun.mns.model.QueueMeta;
import com.aliyun.mns.model.SystemPropertyType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The full round with the unmodified official SDK for Java. Each step prints one line; steps build on each other, and all are
 * tried whatever became of one.
 */
public final class Round {
  private static final String KEY_ID = System.getenv("SMQ_KEY_ID");
  private static final String KEY_SECRET = System.getenv("SMQ_KEY_SECRET");
  private static final String NAME = System.getenv("SMQ_QUEUE");
  private static final String BODY = "hello 你好 <&>\n  two lines";
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final String GARBAGE = "1-ODU4OTkzLTItNg";

  private final MNSClient client = Clients.open(KEY_ID, KEY_SECRET);
  private final CloudQueue queue = client.getQueueRef(NAME);
  private int failures;
  private Message sent;
  private Message received;
  private List<Message> batch;

  private interface Step {
    void run() throws Exception;
  }

  public static void main(String[] args) throws Exception {
    Path jar = Path.of(CloudQueue.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    System.out.println("version " + jar.getFileName().toString().replace(".jar", ""));
    System.exit(new Round().run() == 0 ? 0 : 1);
  }

  private int run() {
    step("create", this::create);
    step("create again with the same attributes", () -> queue.create(meta(20)));
    step("create again with other attributes", this::createWithOtherAttributes);
    step("set and get attributes", this::setAndGetAttributes);
    step("list by prefix, page by page", this::list);
    step("receive from an empty queue", () -> expect(queue.popMessage() == null, "nothing comes"));
    step("send with properties", this::send);
    step("peek", this::peek);
    step("receive", this::receive);
    step("change visibility", this::changeVisibility);
    step("receive again when visibility ends", this::receiveAgain);
    step("delete", () -> queue.deleteMessage(received.getReceiptHandle()));
    step("delete with a stale handle", this::deleteWithStaleHandle);
    step("delete with a garbage handle", this::deleteWithGarbageHandle);
    step("batch send", this::batchSend);
    step("batch peek", this::batchPeek);
    step("batch receive", this::batchReceive);
    step("batch delete with one garbage handle", this::batchDelete);
    step("delayed send", this::delayedSend);
    step("long poll woken by a send", this::longPoll);
    step("unknown key", () -> failsFor("nobody", "x", "InvalidAccessKeyId"));
    step("wrong secret", () -> failsFor(KEY_ID, "wrong", "SignatureDoesNotMatch"));
    step("delete queue", queue::delete);
    step("send to a queue that is gone", this::sendToNoQueue);
    client.close();
    return failures;
  }

  private void create() {
    String url = queue.create(meta(20));
    expect(url != null && url.endsWith("/queues/" + NAME), "its address is told, not " + url);
  }

  private void createWithOtherAttributes() throws Exception {
    fails("QueueAlreadyExist", () -> queue.create(meta(21)));
  }

  private void setAndGetAttributes() {
    queue.setAttributes(meta(25));
    QueueMeta attributes = queue.getAttributes();
    expect(attributes.getVisibilityTimeout() == 25, "the new value is read");
    expect(attributes.getActiveMessages() == 0, "the queue is empty");
    expect(NAME.equals(attributes.getQueueName()), "the name is told");
  }

  private void list() {
    CloudQueue second = client.getQueueRef(NAME + "-2");
    second.create();
    PagingListResult<QueueMeta> first = client.listQueue(NAME, "", 1);
    expect(first.getResult().size() == 1, "a page holds one queue");
    expect(first.getResult().get(0).getVisibilityTimeout() == 25, "its attributes are listed");
    PagingListResult<String> last = client.listQueueURL(NAME, first.getMarker(), 1);
    expect(last.getResult().get(0).endsWith("/queues/" + NAME + "-2"), "the second page follows");
    expect(last.getMarker() == null || last.getMarker().isEmpty(), "the last page has no marker");
    second.delete();
  }

  private void send() {
    Message message = new Message(BODY);
    message.setPriority(3);
    message.setUserProperties(
        Map.of(
            "text", new MessagePropertyValue("a <b> & c"),
            "count", new MessagePropertyValue(42),
            "flag", new MessagePropertyValue(true),
            "bytes", new MessagePropertyValue("é\u0000".getBytes(StandardCharsets.UTF_8))));
    message.putSystemProperty(
        MessageSystemPropertyName.TRACE_PARENT,
        new MessageSystemPropertyValue(SystemPropertyType.STRING, TRACE));
    sent = queue.putMessage(message);
    expect(sent.getMessageId().length() == 32, "it gets an id");
  }

  private void peek() throws Exception {
    Message peeked = queue.peekMessage();
    expect(peeked.getMessageId().equals(sent.getMessageId()), "the message is seen");
    expect(peeked.getDequeueCount() == 0, "a peek does not count");
  }

  private void receive() throws Exception {
    received = queue.popMessage(1);
    expect(received.getMessageId().equals(sent.getMessageId()), "the same message comes");
    expect(received.getMessageBody().equals(BODY), "its body is whole");
    expect(received.getMessageBodyMD5().equals(sent.getMessageBodyMD5()), "its digest is the same");
    expect(received.getDequeueCount() == 1, "it is received for the first time");
    expect(received.getPriority() == 3, "its priority is kept");
    Map<String, MessagePropertyValue> properties = received.getUserProperties();
    expect(properties.keySet().equals(Set.of("text", "count", "flag", "bytes")), "all properties");
    expect("a <b> & c".equals(properties.get("text").getStringValue()), "a text property");
    expect("42".equals(properties.get("count").getStringValue()), "a number property");
    expect("true".equals(properties.get("flag").getStringValue()), "a boolean property");
    // The SDK reads binary values by way of UTF-8, so only such bytes come through it unharmed.
    byte[] bytes = properties.get("bytes").getBinaryValue();
    expect("é\u0000".equals(new String(bytes, StandardCharsets.UTF_8)), "a binary property");
    MessageSystemPropertyValue trace =
        received.getSystemProperty(MessageSystemPropertyName.TRACE_PARENT);
    expect(TRACE.equals(trace.getStringValueByType()), "a system property");
    expect(queue.popMessage() == null, "it is hidden meanwhile");
  }

  private void changeVisibility() {
    long before = System.currentTimeMillis();
    Message changed = queue.changeMessageVisibility(received.getReceiptHandle(), 1);
    long left = changed.getNextVisibleTime().getTime() - before;
    expect(left > 0 && left < 5_000, "it counts from now, not " + left + " ms");
  }

  private void receiveAgain() throws Exception {
    Message again = queue.popMessage(10);
    expect(again.getMessageId().equals(sent.getMessageId()), "the same message comes");
    expect(again.getDequeueCount() == 2, "it says that it is a repeat");
    fails("MessageNotExist", () -> queue.deleteMessage(received.getReceiptHandle()));
    String handle = queue.changeMessageVisibilityTimeout(again.getReceiptHandle(), 60);
    again.setReceiptHandle(handle);
    received = again;
  }

  private void deleteWithStaleHandle() throws Exception {
    fails("MessageNotExist", () -> queue.deleteMessage(received.getReceiptHandle()));
  }

  private void deleteWithGarbageHandle() throws Exception {
    fails("ReceiptHandleError", () -> queue.deleteMessage(GARBAGE));
  }

  private void batchSend() {
    List<Message> messages =
        IntStream.range(0, 16).mapToObj(n -> new Message("message " + n)).collect(Collectors.toList());
    batch = queue.batchPutMessage(messages);
    expect(batch.size() == 16, "each gets its answer");
    expect(batch.stream().noneMatch(Message::isErrorMessage), "none is refused");
  }

  private void batchPeek() throws Exception {
    expect(idsOf(queue.batchPeekMessage(16)).equals(idsOf(batch)), "all are seen");
  }

  private void batchReceive() throws Exception {
    Set<String> ids = idsOf(batch);
    batch = queue.batchPopMessage(16, 1);
    expect(idsOf(batch).equals(ids), "all come");
    expect(queue.batchPopMessage(16) == null, "nothing is left");
  }

  private void batchDelete() throws Exception {
    List<String> handles =
        batch.stream().map(Message::getReceiptHandle).collect(Collectors.toList());
    String last = handles.set(15, GARBAGE);
    try {
      queue.batchDeleteMessage(handles);
    } catch (Exception error) {
      BatchDeleteException refused = find(BatchDeleteException.class, error);
      expect(refused != null, "the handles that failed are told, not " + error);
      Set<String> failed = refused.getErrorMessages().keySet();
      expect(failed.equals(Set.of(GARBAGE)), "only the garbage handle fails: " + failed);
      fails("MessageNotExist", () -> queue.deleteMessage(handles.get(0)));
      queue.deleteMessage(last);
      return;
    }
    throw new AssertionError("the garbage handle was taken");
  }

  private void delayedSend() throws Exception {
    Message message = new Message("later");
    message.setDelaySeconds(1);
    queue.putMessage(message);
    expect(queue.popMessage() == null, "it does not come at once");
    queue.deleteMessage(queue.popMessage(10).getReceiptHandle());
  }

  private void longPoll() throws Exception {
    Thread sender = new Thread(() -> sendSoon("at last"));
    long started = System.nanoTime();
    sender.start();
    Message message = queue.popMessage(20);
    long waitedMs = (System.nanoTime() - started) / 1_000_000;
    expect(waitedMs > 300 && waitedMs < 15_000, "the send wakes it, not after " + waitedMs + " ms");
    queue.deleteMessage(message.getReceiptHandle());
    sender.join();
  }

  private void sendSoon(String body) {
    try {
      Thread.sleep(500);
      queue.putMessage(new Message(body));
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
  }

  private void failsFor(String keyId, String keySecret, String code) throws Exception {
    MNSClient stranger = Clients.open(keyId, keySecret);
    fails(code, () -> stranger.getQueueRef(NAME).popMessage());
    stranger.close();
  }

  private void sendToNoQueue() throws Exception {
    fails("QueueNotExist", () -> queue.putMessage(new Message("nobody home")));
  }

  /** The SDK sends the queue's name from here, also when it sets attributes. */
  private static QueueMeta meta(long visibilitySeconds) {
    QueueMeta meta = new QueueMeta();
    meta.setQueueName(NAME);
    meta.setVisibilityTimeout(visibilitySeconds);
    return meta;
  }

  private static Set<String> idsOf(List<Message> messages) {
    return messages.stream().map(Message::getMessageId).collect(Collectors.toSet());
  }

  private void step(String name, Step step) {
    try {
      step.run();
      System.out.println("ok " + name);
    } catch (Exception | AssertionError error) {
      failures += 1;
      System.out.println("FAIL " + name + ": " + error);
    }
  }

  private static void expect(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError("expected that " + what);
    }
  }

  private static void fails(String code, Step step) throws Exception {
    try {
      step.run();
    } catch (Exception error) {
      ServiceException refused = find(ServiceException.class, error);
      if (refused != null && code.equals(refused.getErrorCode())) {
        return;
      }
      throw new AssertionError("expected " + code + ", got " + error, error);
    }
    throw new AssertionError("expected " + code + ", got success");
  }

  /** The SDK wraps some of the service's errors into exceptions of its own. */
  private static <T> T find(Class<T> type, Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
    }
    return null;
  }
}
