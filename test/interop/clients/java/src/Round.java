import com.aliyun.mns.client.CloudQueue;
import com.aliyun.mns.client.MNSClient;
import com.aliyun.mns.common.ServiceException;
import com.aliyun.mns.model.Message;
import com.aliyun.mns.model.MessagePropertyValue;
import com.aliyun.mns.model.PagingListResult;
import com.aliyun.mns.model.QueueMeta;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The full round with the unmodified official SDK for Java. */
public final class Round {
  private static final String ID = System.getenv("SMQ_KEY_ID");
  private static final String SECRET = System.getenv("SMQ_KEY_SECRET");
  private static final String NAME = System.getenv("SMQ_QUEUE");

  private interface Step {
    void run() throws Exception;
  }

  private static int failed;
  private static final MNSClient CLIENT = Clients.open(ID, SECRET);

  private Round() {}

  private static CloudQueue queue() {
    return CLIENT.getQueueRef(NAME);
  }

  private static QueueMeta meta(long visibilitySeconds) {
    QueueMeta meta = new QueueMeta();
    meta.setQueueName(NAME);
    meta.setVisibilityTimeout(visibilitySeconds);
    return meta;
  }

  private static void expect(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }

  /** The error code may be that of the exception or of what caused it. */
  private static void fails(String code, Step step) throws Exception {
    try {
      step.run();
    } catch (Exception error) {
      for (Throwable cause = error; cause != null; cause = cause.getCause()) {
        if (cause instanceof ServiceException && code.equals(((ServiceException) cause).getErrorCode())) {
          return;
        }
      }
      throw new AssertionError("expected " + code + ", got " + error, error);
    }
    throw new AssertionError("expected " + code + ", got success");
  }

  private static void step(String name, Step step) {
    try {
      step.run();
      System.out.println("ok " + name);
    } catch (Throwable error) {
      failed += 1;
      System.out.println("FAIL " + name + ": " + error);
    }
  }

  private static void create() throws Exception {
    String url = queue().create(meta(20L));
    expect(url.endsWith("/queues/" + NAME), "the queue's address is given: " + url);
    queue().create(meta(20L));
    fails("QueueAlreadyExist", () -> queue().create(meta(21L)));
  }

  private static void attributes() throws Exception {
    queue().setAttributes(meta(25L));
    expect(queue().getAttributes().getVisibilityTimeout() == 25L, "the attribute is set");
  }

  private static void list() throws Exception {
    PagingListResult<QueueMeta> listed = CLIENT.listQueue(NAME, "", 10);
    expect(listed.getResult().size() == 1, "the queue is listed");
  }

  private static void sendReceiveDelete() throws Exception {
    Message message = new Message();
    message.setMessageBody("hello 你好 <&>");
    message.setPriority(3);
    Map<String, MessagePropertyValue> properties = new HashMap<>();
    properties.put("trace", new MessagePropertyValue("abc"));
    message.setUserProperties(properties);
    Message sent = queue().putMessage(message);
    expect(queue().peekMessage().getMessageId().equals(sent.getMessageId()), "the same message is peeked at");
    Message received = queue().popMessage(1);
    expect(received.getMessageBody().equals("hello 你好 <&>"), "the body comes back");
    expect(received.getMessageBodyMD5().equals(sent.getMessageBodyMD5()), "its digest is the same");
    expect(received.getDequeueCount() == 1 && received.getPriority() == 3, "count and priority are right");
    expect("abc".equals(received.getUserProperties().get("trace").getStringValueByType()), "the property comes back");
    String handle = queue().changeMessageVisibilityTimeout(received.getReceiptHandle(), 60);
    queue().deleteMessage(handle);
    fails("MessageNotExist", () -> queue().deleteMessage(received.getReceiptHandle()));
    fails("ReceiptHandleError", () -> queue().deleteMessage("1-ODU4OTkzLTItNg"));
    expect(queue().popMessage() == null, "an empty queue gives nothing");
  }

  private static void batch() throws Exception {
    List<Message> messages = new ArrayList<>();
    for (int index = 0; index < 16; index += 1) {
      messages.add(new Message("message " + index));
    }
    expect(queue().batchPutMessage(messages).size() == 16, "all are sent");
    expect(queue().batchPeekMessage(16).size() == 16, "all are peeked at");
    List<Message> received = queue().batchPopMessage(16);
    expect(received.size() == 16, "all come back");
    List<String> handles = new ArrayList<>();
    received.forEach(message -> handles.add(message.getReceiptHandle()));
    queue().batchDeleteMessage(handles);
    expect(queue().batchPopMessage(16) == null, "nothing is left");
  }

  private static void delayed() throws Exception {
    Message message = new Message("later");
    message.setDelaySeconds(1);
    queue().putMessage(message);
    expect(queue().popMessage() == null, "a delayed message does not come at once");
    queue().deleteMessage(queue().popMessage(10).getReceiptHandle());
  }

  private static void longPoll() throws Exception {
    Thread sender =
        new Thread(
            () -> {
              try {
                Thread.sleep(500);
                queue().putMessage(new Message("at last"));
              } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
              }
            });
    sender.start();
    long started = System.nanoTime();
    Message received = queue().popMessage(20);
    expect(System.nanoTime() - started < 5_000_000_000L, "the waiting receive is woken by the send");
    queue().deleteMessage(received.getReceiptHandle());
  }

  private static void wrongKey() throws Exception {
    MNSClient nobody = Clients.open("nobody", "x");
    fails("InvalidAccessKeyId", () -> nobody.getQueueRef(NAME).putMessage(new Message("x")));
    nobody.close();
    MNSClient wrong = Clients.open(ID, "wrong");
    fails("SignatureDoesNotMatch", () -> wrong.getQueueRef(NAME).putMessage(new Message("x")));
    wrong.close();
  }

  private static void deleteQueue() throws Exception {
    queue().delete();
    fails("QueueNotExist", () -> queue().putMessage(new Message("nobody home")));
  }

  public static void main(String[] args) {
    step("create", Round::create);
    step("attributes", Round::attributes);
    step("list", Round::list);
    step("send, receive, delete", Round::sendReceiveDelete);
    step("batch", Round::batch);
    step("delayed", Round::delayed);
    step("long poll", Round::longPoll);
    step("wrong key", Round::wrongKey);
    step("delete queue", Round::deleteQueue);
    CLIENT.close();
    System.exit(failed == 0 ? 0 : 1);
  }
}
