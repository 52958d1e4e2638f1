import com.aliyun.mns.client.MNSClient;
import com.aliyun.mns.common.ClientException;
import com.aliyun.mns.common.ServiceException;
import com.aliyun.mns.model.Message;
import com.aliyun.tea.TeaException;
import com.aliyun.teaopenapi.Client;
import com.aliyun.teaopenapi.models.Config;
import com.aliyun.teaopenapi.models.OpenApiRequest;
import com.aliyun.teaopenapi.models.Params;
import com.aliyun.teautil.models.RuntimeOptions;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An application of the cloud in Java, over the unmodified core of the cams20200606 SDK: send, mass send, template, webhook
 * settings, token, pull. Each step prints one line; steps build on each other, and all are tried whatever became of one.
 */
public final class CamsRound {
  private static final String NUMBER = "15550100001";
  private static final String NAME = "hello_java_" + ProcessHandle.current().pid();

  private final Set<String> ids = new HashSet<>();
  private String templateCode = "";
  private JsonObject token;

  private interface Step {
    void run() throws Exception;
  }

  public static void main(String[] args) {
    System.out.println("version tea-openapi 0.3.8");
    CamsRound round = new CamsRound();
    Map<String, Step> steps = new LinkedHashMap<>();
    steps.put("settings", round::settings);
    steps.put("send", round::send);
    steps.put("refuse", round::refuse);
    steps.put("template", round::template);
    steps.put("massSend", round::massSend);
    steps.put("token", round::askForAToken);
    steps.put("pull", round::pull);
    steps.put("wrongKey", round::wrongKey);
    int failed = 0;
    for (Map.Entry<String, Step> step : steps.entrySet()) {
      try {
        step.getValue().run();
        System.out.println("ok " + step.getKey());
      } catch (Throwable error) {
        failed += 1;
        System.out.println("failed " + step.getKey() + ": " + error);
      }
    }
    System.exit(failed == 0 ? 0 : 1);
  }

  /** Calls an operation as the typed client does, which puts what it is given into the query. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> call(String secret, String action, Map<String, ?> values) throws Exception {
    Config config = new Config();
    config.accessKeyId = Tokens.KEY_ID;
    config.accessKeySecret = secret;
    config.endpoint = Tokens.ENDPOINT;
    config.protocol = "HTTP";
    Params params = new Params();
    params.action = action;
    params.version = "2020-06-06";
    params.protocol = "HTTP";
    params.pathname = "/";
    params.method = "POST";
    params.authType = "AK";
    params.style = "RPC";
    params.reqBodyType = "formData";
    params.bodyType = "json";
    OpenApiRequest request = new OpenApiRequest();
    request.query = com.aliyun.openapiutil.Client.query(values);
    Map<String, ?> answer = new Client(config).callApi(params, request, new RuntimeOptions());
    return (Map<String, Object>) answer.get("body");
  }

  private static Map<String, Object> call(String action, Map<String, ?> values) throws Exception {
    return call(Tokens.KEY_SECRET, action, values);
  }

  private static void expect(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError("expected that " + what);
    }
  }

  private static void expectCode(String code, Map<String, Object> body) {
    expect(code.equals(body.get("Code")), "the code is " + code + ", not " + body);
  }

  private void settings() throws Exception {
    expectCode(
        "OK",
        call("UpdatePhoneWebhook", Map.of("CustSpaceId", "sandbox", "PhoneNumber", NUMBER, "QueueFlag", "Y")));
  }

  private void send() throws Exception {
    Map<String, Object> body =
        call(
            "SendChatappMessage",
            Map.of(
                "ChannelType", "whatsapp",
                "Type", "message",
                "MessageType", "text",
                "From", NUMBER,
                "To", "15550002220",
                "Content", "{\"text\":\"hello \u4f60\u597d + 100% *~\"}",
                "TaskId", "java"));
    expectCode("OK", body);
    ids.add((String) body.get("MessageId"));
  }

  private void refuse() throws Exception {
    Map<String, String> values =
        Map.of(
            "ChannelType", "whatsapp", "Type", "message", "MessageType", "text", "From", NUMBER, "To", "+1555", "Content", "{}");
    expectCode("InvalidParameter.ToOnlyNumeric", call("SendChatappMessage", values));
  }

  @SuppressWarnings("unchecked")
  private void template() throws Exception {
    Map<String, Object> made =
        call(
            "CreateChatappTemplate",
            Map.of(
                "Name", NAME,
                "Language", "en",
                "Category", "UTILITY",
                "TemplateType", "WHATSAPP",
                "CustSpaceId", "sandbox",
                "Components", "[{\"Type\":\"BODY\",\"Text\":\"Hello $(name)\"}]"));
    expectCode("OK", made);
    templateCode = (String) ((Map<String, Object>) made.get("Data")).get("TemplateCode");
    Map<String, String> which = Map.of("TemplateCode", templateCode, "Language", "en", "CustSpaceId", "sandbox");
    for (int n = 0; n < 100; n += 1) {
      Map<String, Object> detail = call("GetChatappTemplateDetail", which);
      if ("pass".equals(((Map<String, Object>) detail.get("Data")).get("AuditStatus"))) {
        return;
      }
      Thread.sleep(100);
    }
    expect(false, "the template passes its review");
  }

  private void massSend() throws Exception {
    // What becomes of these is silence, by their last digit: the queue is left to the others.
    List<Map<String, Object>> recipients = new ArrayList<>();
    for (int n = 0; n < 1000; n += 1) {
      recipients.add(Map.of("To", String.format("15551%03d4", n), "TemplateParams", Map.of("name", "Bob")));
    }
    Map<String, Object> body =
        call(
            "SendChatappMassMessage",
            Map.of(
                "ChannelType", "whatsapp",
                "From", NUMBER,
                "Language", "en",
                "TemplateCode", templateCode,
                "SenderList", new Gson().toJson(recipients)));
    expectCode("OK", body);
    expect(body.get("GroupMessageId") != null, "there is a GroupMessageId in " + body);
  }

  private void askForAToken() throws Exception {
    token = Tokens.ask("ChatAppStatus", Tokens.KEY_SECRET);
    expect(token.get("ExpireTime").getAsString().length() == 19, "its end is told as " + token.get("ExpireTime"));
  }

  private void pull() throws Exception {
    MNSClient client = Tokens.open(token);
    Set<String> wanted = new HashSet<>();
    for (String id : ids) {
      for (String status : List.of("Sent", "Delivered", "Read")) {
        wanted.add(id + " " + status);
      }
    }
    long end = System.nanoTime() + 60_000_000_000L;
    while (!wanted.isEmpty()) {
      expect(System.nanoTime() < end, "all statuses come; these do not: " + wanted);
      List<Message> messages = Tokens.queue(client, "ChatAppStatus").batchPopMessage(16, 2);
      if (messages == null) {
        continue;
      }
      for (Message message : messages) {
        JsonObject receipt = JsonParser.parseString(message.getMessageBodyAsString()).getAsJsonObject();
        wanted.remove(receipt.get("MessageId").getAsString() + " " + receipt.get("Status").getAsString());
        Tokens.queue(client, "ChatAppStatus").deleteMessage(message.getReceiptHandle());
      }
    }
    try {
      Tokens.queue(client, "ChatAppInbound").popMessage(0);
      expect(false, "the token is for its queue only");
    } catch (ServiceException | ClientException error) {
      // This version of the SDK cannot read an error to a pull; it shows the answer as it came.
      expect(error.getMessage().contains("<Code>AccessDenied</Code>"), "another queue is denied, not " + error);
    }
  }

  private void wrongKey() throws Exception {
    try {
      call("wrong", "ListChatappTemplate", Map.of());
      expect(false, "a wrong key is refused");
    } catch (TeaException error) {
      expect("SignatureDoesNotMatch".equals(error.getCode()), "it is " + error.getCode());
    }
    try {
      Tokens.ask("ChatAppStatus", "wrong");
      expect(false, "the older core is refused with a wrong key");
    } catch (com.aliyuncs.exceptions.ClientException error) {
      // This core compares the text that was signed here with its own, and says so when only the secret can be wrong.
      expect(
          error.getErrCode().matches("SignatureDoesNotMatch|InvalidAccessKeySecret"), "it is " + error.getErrCode());
    }
  }
}
